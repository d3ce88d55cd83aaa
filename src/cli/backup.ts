import { resolve } from 'node:path'
import { byteAmount } from '../lib/byte-amount.ts'
import { backup, type BackupReport } from '../recovery/backup.ts'
import { secretKeyNote } from '../recovery/manifest.ts'
import { WrongCall, type Arguments, type Command, type Process } from './command.ts'
import { untilSignal } from './interruption.ts'
import { openStore } from '../storage/open.ts'
import { withDatabase } from './open.ts'
import { progressTo } from './progress.ts'

export const atOnceOption = { 'at-once': { type: 'string' } } as const
const usualAtOnce = 4

export const backupCommand: Command = {
  name: 'backup',
  summary: 'copy everything to a directory while the server runs',
  usage: '<directory>',
  help: `Makes a snapshot of the database in <directory>, with exactly the bytes it names, while servers run and people
publish. What earlier backups in the directory copied is not copied again, so one that was interrupted goes on when it is
run again. --at-once <n> copies so many files at once (4); --rehash reads again what is there instead of trusting its size.

--keep <n> removes, when the new snapshot is whole and nothing is missing in it, all but the newest <n> in <directory>, and
the bytes that none of these names.

The secret key is NOT in the backup: keep it apart from it.

Exits with 0 when everything was copied, with 1 when it failed or when bytes were missing or damaged in storage.

  entrepot backup /mnt/backup/entrepot --keep 14`,
  options: { ...atOnceOption, rehash: { type: 'boolean' }, keep: { type: 'string' } },
  positionals: ['<directory>'],
  async run(args, process) {
    const keep = snapshotsToKeep(args)
    const report = await withDatabase(process, async (database, config) => {
      const blobs = await openStore(config.packages)
      try {
        return await untilSignal((signal) =>
          backup({
            database,
            blobs,
            directory: resolve(args.positionals[0]!),
            atOnce: atOnce(args),
            rehash: args.values['rehash'] === true,
            keep,
            signal,
            onProgress: progressTo(process),
          }),
        )
      } finally {
        await blobs.close()
      }
    })
    tell(report, args, process)
    return report.manifest.damaged.length === 0 ? 0 : 1
  },
}

/** How many blobs are copied at once. Throws `WrongCall`. */
export function atOnce({ values }: Arguments): number {
  const text = values['at-once'] ?? String(usualAtOnce)
  const count = Number(text)
  if (/^\d+$/.test(String(text)) && count >= 1 && count <= 256) return count
  throw new WrongCall('--at-once takes a number from 1 to 256')
}

/** Undefined: all. Throws `WrongCall`. */
function snapshotsToKeep({ values: { keep } }: Arguments): number | undefined {
  if (keep === undefined) return undefined
  const count = Number(keep)
  if (/^\d+$/.test(String(keep)) && count >= 1 && count <= 10_000) return count
  throw new WrongCall('--keep takes a number from 1 to 10000: so many snapshots stay')
}

function tell(
  { path, manifest, copied, copying, removed }: BackupReport,
  { values }: Arguments,
  { out, err }: Process,
): void {
  const { blobs, damaged, takenAt, tables } = manifest
  if (values.json)
    out(
      JSON.stringify({
        path,
        takenAt,
        blobs,
        copied,
        copying,
        damaged,
        removed,
        secretKey: manifest.secretKey,
      }),
    )
  else {
    const rows = tables.reduce((sum, table) => sum + table.rows, 0)
    out(`backup      ${path}`)
    out(`as of       ${takenAt}`)
    out(`rows        ${rows} in ${tables.length} tables`)
    out(
      `files       ${blobs.count} (${byteAmount(blobs.bytes)}), ${copied.count} of them new (${byteAmount(copied.bytes)})`,
    )
    if (removed) {
      const { snapshots, blobs: old } = removed
      out(`removed     ${snapshots.length} snapshots, ${old.count} files (${byteAmount(old.bytes)})`)
    }
  }
  if (values.keep !== undefined && !removed) err(`NOTE: no old snapshot was removed: ${whyNot(manifest)}`)
  err(`NOTE: ${secretKeyNote} It is the file secret_key in the data directory, or the setting secret_key.`)
  for (const { sha256, what } of damaged.slice(0, 100)) err(`DAMAGED in storage: ${sha256}: ${what}`)
  if (damaged.length > 0) {
    err(
      `${damaged.length} files are missing or damaged in storage and not in this backup; everything else is.`,
    )
  }
}

const whyNot = ({ damaged }: BackupReport['manifest']) =>
  damaged.length > 0 ? 'the new one is not whole' : 'another backup is under way in this directory'
