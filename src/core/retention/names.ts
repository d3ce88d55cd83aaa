import { setImmediate as breathe } from 'node:timers/promises'
import type { NameRow, RetentionRuleRow } from '../../database/schema.ts'
import type { Format } from '../../formats/format.ts'
import type { Core } from '../core.ts'
import { findProject } from '../records/projects.ts'
import {
  countVersions,
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

const namesAtOnce = 200
/** Rows of one query, about: it holds up everything else for as long as it takes. */
const versionsAtOnce = 2000

/**
 * Judges names in the order of their numbers, a few queries for some of them at a time. Names that nothing is ruled
 * about have no verdicts.
 */
export async function* judgeNames(core: Core, options: JudgeOptions): AsyncGenerator<JudgedName> {
  const db = core.database.read
  const retentions = new Map<number, ProjectRetention | undefined>()
  let after = options.after ?? 0
  for (;;) {
    const names = await namesAfter(db, options.of, after, namesAtOnce)
    for (const { project_id: id } of names) {
      if (retentions.has(id)) continue
      const project = await findProject(db, id)
      retentions.set(id, project && (await retentionOf(db, project)))
    }
    const cases = names.flatMap((name) => caseOf(core, retentions.get(name.project_id), name, options.tryAll))
    for (const some of await inPortions(core, cases)) {
      const versions = await versionsOfNames(
        db,
        some.filter(isRuled).map(({ name }) => name.id),
      )
      for (const one of some) yield await judgeCase(core, one, versions.get(one.name.id) ?? [])
      await breathe()
    }
    if (names.length < namesAtOnce) return
    after = names.at(-1)!.id
  }
}

interface Case extends Pick<JudgedName, 'retention' | 'format' | 'name'> {
  readonly rules: readonly RetentionRuleRow[]
  readonly protection: string | undefined
  /** How many builds of the same file its packages keep; undefined: all. */
  readonly builds: number | undefined
}

const isRuled = ({ rules, builds }: Case) => rules.length > 0 || builds !== undefined

function caseOf(
  core: Core,
  retention: ProjectRetention | undefined,
  name: NameRow,
  tryAll: boolean,
): readonly Case[] {
  const format = core.formats.get(name.format)
  if (!retention || !format) return []
  const protection = protectedBy(core, retention.protections, name)
  const rules = rulesAbout(core, retention, name).filter((rule) => tryAll || rule.enabled === 1)
  const builds = protection === undefined && format.buildOf ? retention.builds : undefined
  return [{ retention, format, name, rules, protection, builds }]
}

/** Some names, or one that has very many versions, at a time. */
async function inPortions(core: Core, cases: readonly Case[]): Promise<Case[][]> {
  const ids = cases.filter(isRuled).map(({ name }) => name.id)
  const counts = await countVersions(core.database.read, ids)
  const portions: Case[][] = []
  let room = 0
  for (const one of cases) {
    room -= counts.get(one.name.id) ?? 0
    const last = portions.at(-1)
    if (last && room >= 0) last.push(one)
    else {
      portions.push([one])
      room = versionsAtOnce - (counts.get(one.name.id) ?? 0)
    }
  }
  return portions
}

async function judgeCase(
  core: Core,
  { retention, format, name, rules, protection, builds }: Case,
  versions: readonly RetainedVersion[],
): Promise<JudgedName> {
  const verdicts = judge({
    rules,
    order: format.versions,
    versions: versions.toSorted((a, b) => b.created_at - a.created_at || b.id - a.id),
    protectedBy: protection,
    now: core.clock(),
  })
  const staying = verdicts.filter(({ goes }) => !goes).map(({ version }) => version)
  return {
    retention,
    format,
    name,
    verdicts,
    oldBuilds: await findOldBuilds(core, format, name, staying, builds),
  }
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
