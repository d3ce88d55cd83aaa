import { setImmediate as breathe } from 'node:timers/promises'
import type { NameRow } from '../../database/schema.ts'
import type { Format } from '../../formats/format.ts'
import type { Core } from '../core.ts'
import { findProject } from '../records/projects.ts'
import {
  filesBeyond,
  namesAfter,
  versionsOfNames,
  type RetainedFile,
  type RetainedVersion,
} from '../records/retained.ts'
import { judge, type Verdict } from './judge.ts'
import { protectedBy, retentionOf, rulesAbout, type ProjectRetention } from './rules.ts'

/** A name with what is to become of its versions. */
export interface JudgedName {
  readonly retention: ProjectRetention
  readonly format: Format<any>
  readonly name: NameRow
  readonly verdicts: readonly Verdict[]
  /** By package: older builds of files of which newer ones stay. */
  readonly oldBuilds: ReadonlyMap<number, readonly RetainedFile[]>
}

export interface JudgeOptions {
  /** A project's number, or that of a group above the projects that are meant. */
  readonly of: { readonly project_id: number } | { readonly group_id: number }
  /** Only names with greater numbers. */
  readonly after?: number
  /** Take rules that are switched off for switched on. */
  readonly tryAll: boolean
}

/** Few: any of them may have ten thousand versions. */
const namesAtOnce = 20

/** Judges names in the order of their numbers, a few queries for some of them at a time. */
export async function* judgeNames(core: Core, options: JudgeOptions): AsyncGenerator<JudgedName> {
  const db = core.database.read
  const retentions = new Map<number, ProjectRetention>()
  let after = options.after ?? 0
  for (;;) {
    const names = await namesAfter(db, options.of, after, namesAtOnce)
    for (const { project_id: id } of names) {
      if (retentions.has(id)) continue
      const project = await findProject(db, id)
      if (project) retentions.set(id, await retentionOf(db, project))
    }
    const ids = names.map(({ id }) => id)
    const versions = await versionsOfNames(db, ids)
    for (const name of names) {
      const retention = retentions.get(name.project_id)
      const format = core.formats.get(name.format)
      if (!retention || !format) continue
      yield await judgeName(core, retention, format, name, options.tryAll, versions.get(name.id) ?? [])
      await breathe()
    }
    if (names.length < namesAtOnce) return
    after = names.at(-1)!.id
  }
}

async function judgeName(
  core: Core,
  retention: ProjectRetention,
  format: Format<any>,
  name: NameRow,
  tryAll: boolean,
  versions: readonly RetainedVersion[],
): Promise<JudgedName> {
  const protection = protectedBy(core, retention.protections, name)
  const rules = rulesAbout(core, retention, name).filter((rule) => tryAll || rule.enabled === 1)
  const verdicts = judge({
    rules,
    order: format.versions,
    versions: versions.toSorted((a, b) => b.created_at - a.created_at || b.id - a.id),
    protectedBy: protection,
    now: core.clock(),
  })
  const staying = verdicts.filter(({ goes }) => !goes).map(({ version }) => version)
  const keep = protection === undefined ? retention.builds : undefined
  const oldBuilds = await findOldBuilds(core, format, name, staying, keep)
  return { retention, format, name, verdicts, oldBuilds }
}

async function findOldBuilds(
  core: Core,
  { buildOf }: Format<any>,
  { name }: NameRow,
  versions: readonly RetainedVersion[],
  keep: number | undefined,
): Promise<ReadonlyMap<number, readonly RetainedFile[]>> {
  const old = new Map<number, readonly RetainedFile[]>()
  if (!buildOf || keep === undefined) return old
  const ids = versions.map(({ id }) => id)
  const files = await filesBeyond(core.database.read, ids, keep)
  for (const { id, version } of versions) {
    const builds = Map.groupBy(files.get(id) ?? [], ({ path }) => buildOf({ name, version, path }))
    const beyond = [...builds.values()].flatMap((newestFirst) => newestFirst.slice(keep))
    if (beyond.length > 0) old.set(id, beyond)
  }
  return old
}
