import { resolve } from 'node:path'
import { byteAmount } from '../lib/byte-amount.ts'
import { readSecretKey } from '../lib/secret-key-file.ts'
import { restore, type RestoreReport } from '../recovery/restore.ts'
import { atOnce, atOnceOption } from './backup.ts'
import type { Arguments, Command, Process } from './command.ts'
import { untilSignal } from './interruption.ts'
import { openDatabase } from '../database/open.ts'
import { openStore } from '../storage/open.ts'
import { openConfig } from './open.ts'
import { progressTo } from './progress.ts'

export const restoreCommand: Command = {
  name: 'restore',
  summary: 'put a backup back into an empty database and store',
  usage: '<directory>',
  help: `Restores the newest snapshot in <directory>, or the one that --snapshot names, into the database and the storage
that this machine's configuration names. Both must be empty, and may be of another kind than those the backup was made
of. Every file is verified while it is written. A restore that was interrupted goes on when it is run again.

Put the old server's secret key into place first: the file secret_key in the data directory, or the setting secret_key.
If it is lost, --new-secret-key restores without the secrets that were sealed under it, and names them.
--accept-damage finishes although files are missing or damaged in the backup. --at-once <n>: files at once (4).

  ENTREPOT_DATA=/srv/entrepot entrepot restore /mnt/backup/entrepot`,
  options: {
    ...atOnceOption,
    snapshot: { type: 'string' },
    'new-secret-key': { type: 'boolean' },
    'accept-damage': { type: 'boolean' },
  },
  positionals: ['<directory>'],
  async run(args, process) {
    const { values, positionals } = args
    const config = openConfig(process)
    const report = await untilSignal((signal) =>
      restore({
        directory: resolve(positionals[0]!),
        snapshot: values['snapshot'] as string | undefined,
        openDatabase: (options) => openDatabase(config.database, options),
        openStore: () => openStore(config.packages),
        secretKey: config.secretKey ?? readSecretKey(config.secretKeyPath),
        newSecretKey: values['new-secret-key'] === true,
        acceptDamage: values['accept-damage'] === true,
        atOnce: atOnce(args),
        signal,
        onProgress: progressTo(process),
      }),
    )
    tell(report, args, process)
    return report.damaged.length === 0 ? 0 : 1
  },
}

function tell(
  { snapshot, manifest, damaged, lostSecrets }: RestoreReport,
  { values }: Arguments,
  process: Process,
) {
  const { out, err } = process
  const { takenAt, blobs } = manifest
  if (values.json) {
    out(JSON.stringify({ snapshot, takenAt, blobs, damaged, lostSecrets: Object.fromEntries(lostSecrets) }))
  } else {
    out(`restored    ${snapshot}, as of ${takenAt}`)
    out(`files       ${blobs.count} (${byteAmount(blobs.bytes)}), each verified`)
  }
  err('NOTE: people sign in again. Tokens that were revoked after the backup was made are valid again.')
  for (const [place, count] of lostSecrets) {
    err(`LOST: ${count} sealed secrets in ${place} cannot be opened with this secret key; enter them again`)
  }
  for (const { sha256, what } of damaged.slice(0, 100)) err(`DAMAGED: ${sha256}: ${what}`)
  if (damaged.length > 0)
    err(`${damaged.length} files cannot be downloaded until somebody uploads them again.`)
}
