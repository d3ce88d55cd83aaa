import { parsePercent } from '../config/storage-care-keys.ts'
import { verifyStored } from '../core/bytes/verify.ts'
import type { Core } from '../core/core.ts'
import { findPaths } from '../core/records/paths.ts'
import {
  damagedFiles,
  verifiable,
  type VerifyFilter,
  type VerifyState,
} from '../core/records/verification.ts'
import { byteAmount } from '../lib/byte-amount.ts'
import { WrongCall, type Arguments, type Command, type Process } from './command.ts'
import { withCore } from './with-core.ts'

/** The most damaged files that are named. */
const mostNamed = 1000
const progressMs = 5000

export const verify: Command = {
  name: 'verify',
  summary: 'compare what is stored with what was uploaded',
  usage: '[--project <path>] [--sample <n>%] [--since <date>]',
  help: `Reads stored bytes again, compares them with their sha256 and names the files whose bytes are missing or others; the
exit code is 1 then. Such a file is answered with 500 until it is uploaded again, or found whole by another run. The
server may run meanwhile. An interrupted run goes on where it was when it is called in the same way again; --restart
begins anew. --project keeps what one project needs, --since what was stored since a day or time, --sample a part.

  entrepot verify --since 2026-01-31
  entrepot verify --sample 5%`,
  options: {
    project: { type: 'string' },
    sample: { type: 'string' },
    since: { type: 'string' },
    restart: { type: 'boolean' },
  },
  async run(args, process) {
    const sample = sampleOf(args)
    const since = sinceOf(args)
    return withCore(process, async (core) => {
      const filter = { since, projectId: await projectOf(core, args) }
      const onProgress = await progress(core, filter, process)
      const fromStart = args.values.restart === true
      const state = await verifyStored(core, { ...filter, sample, fromStart, onProgress })
      return report(core, state, args, process)
    })
  },
}

function sampleOf({ values }: Arguments): number {
  const sample = values.sample === undefined ? 1 : parsePercent(values.sample)
  if (!sample) throw new WrongCall(`--sample is a share such as 5%, not ${String(values.sample)}`)
  return sample
}

function sinceOf({ values }: Arguments): number | undefined {
  if (values.since === undefined) return undefined
  const since = Date.parse(String(values.since))
  if (Number.isNaN(since))
    throw new WrongCall(`--since is a date such as 2026-01-31, not ${String(values.since)}`)
  return since
}

async function projectOf({ database }: Core, { values }: Arguments): Promise<number | undefined> {
  if (values.project === undefined) return undefined
  const path = String(values.project)
  const [found] = await findPaths(database.read, [path])
  if (!found?.project_id) throw new WrongCall(`there is no project ${path}`)
  return found.project_id
}

/** A line on standard error now and then. */
async function progress(core: Core, filter: VerifyFilter, process: Process) {
  const all = await verifiable(core.database.read, filter)
  let next = Date.now() + progressMs
  let isFirst = true
  return ({ after, checked, bytes }: VerifyState) => {
    if (isFirst && after > 0)
      process.err(`going on after ${checked} blobs, where the last run was interrupted`)
    isFirst = false
    if (Date.now() < next) return
    next = Date.now() + progressMs
    process.err(
      `verified ${checked} blobs, ${byteAmount(bytes)}; all are ${all.blobs}, ${byteAmount(all.bytes)}`,
    )
  }
}

async function report(core: Core, state: VerifyState, args: Arguments, process: Process): Promise<number> {
  const { checked, bytes, damaged, repaired } = state
  const files = await damagedFiles(core.database.read, mostNamed)
  if (args.values.json) {
    process.out(JSON.stringify({ checked, bytes, damaged, repaired, damaged_files: files }))
    return damaged > 0 ? 1 : 0
  }
  process.out(`verified ${checked} blobs, ${byteAmount(bytes)}: ${damaged} damaged, ${repaired} whole again`)
  for (const { project, format, path, sha256 } of files)
    process.out(`damaged: ${project} ${format} ${path} (sha256 ${sha256})`)
  return damaged > 0 ? 1 : 0
}
