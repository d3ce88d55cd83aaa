import type { Core } from '../core/core.ts'
import { purgeExpired } from '../core/publish/purge.ts'
import { collectionReport, type CollectionReport } from '../core/records/collection-report.ts'
import { collect, findUnreferenced } from '../jobs/collect.ts'
import { byteAmount } from '../lib/byte-amount.ts'
import type { Command } from './command.ts'
import { withCore } from './with-core.ts'

const day = 86_400_000

export const gc: Command = {
  name: 'gc',
  summary: 'free bytes that no package needs any more',
  usage: '[--dry-run]',
  help: `Does now what the server does by itself in time: forgets removed packages that cannot be restored any more, looks
at everything that is stored, and deletes the bytes that nothing has needed for packages.collect_after. The server may
run meanwhile. Then it says what is stored and why it stays; with --dry-run it only says what is and what would be.

  entrepot gc --dry-run`,
  options: { 'dry-run': { type: 'boolean' } },
  run: (args, process) =>
    withCore(process, async (core) => {
      if (!args.values['dry-run']) await collectNow(core)
      const report = await reportOf(core)
      if (args.values.json) process.out(JSON.stringify(report))
      else for (const line of lines(report)) process.out(line)
    }),
}

async function collectNow(core: Core): Promise<void> {
  const { signal } = new AbortController()
  while ((await purgeExpired(core, core.clock() - core.config.packages.restoreDays * day)) > 0);
  await findUnreferenced.run(core, '', signal)
  await collect.run(core, '', signal)
}

function reportOf({ database, clock, config }: Core): Promise<CollectionReport> {
  const { collectAfter, restoreDays } = config.packages
  return collectionReport(database.read, { now: clock(), collectAfter, restoreFor: restoreDays * day })
}

function lines({ referenced, restorable, waiting, unnoticed, due, deleting }: CollectionReport): string[] {
  const rows = [
    ['needed by packages', referenced, ''],
    ['needed by removed packages only', restorable, until('restorable until', restorable.until)],
    ['not needed, kept for a while', waiting, until('until', waiting.until)],
    ['not needed, found by the next gc', unnoticed, ''],
    ['not needed, deleted by the next gc', due, ''],
    ['being deleted', deleting, 'tried again within ten minutes if that failed'],
  ] as const
  return rows
    .filter(([, { blobs }], index) => index === 0 || blobs > 0)
    .map(([what, { blobs, bytes }, more]) => {
      const amount = `${blobs.toLocaleString('en-US')} blobs`
      return `${what.padEnd(36)}${amount.padStart(16)}${byteAmount(bytes).padStart(10)}  ${more}`.trimEnd()
    })
}

const until = (words: string, at: number | null) =>
  at === null ? '' : `the last ${words} ${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`
