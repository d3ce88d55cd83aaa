import type { Core } from '../core.ts'
import type { Verdict } from './judge.ts'
import { judgeNames, type JudgedName, type JudgeOptions } from './names.ts'

/** Where one page of a dry run ends and the next begins: behind a version of a name. */
export interface Place {
  readonly nameId: number
  readonly packageId: number
}

export interface DryRunOptions extends Pick<JudgeOptions, 'of' | 'tryAll'> {
  readonly limit: number
  readonly after: Place | undefined
  /** Only what would go, not what stays. */
  readonly goingOnly: boolean
}

/** A version, or with `files` only some of its files, and what would become of it. */
export interface Foreseen extends Verdict {
  readonly judged: JudgedName
  /** Paths of old builds that would go; the package stays. */
  readonly files: readonly string[]
}

export interface DryRun {
  readonly foreseen: readonly Foreseen[]
  /** Undefined: there is no more. */
  readonly next: Place | undefined
}

/** One request looks at so many names, found something or not. */
const mostNames = 1000

/** What retention would do now, page by page; changes nothing. A page may be short, or empty, though there is a next one. */
export async function dryRun(core: Core, options: DryRunOptions): Promise<DryRun> {
  const { after, limit } = options
  const foreseen: Foreseen[] = []
  let looked = 0
  for await (const judged of judgeNames(core, { ...options, after: after ? after.nameId - 1 : 0 })) {
    const begin = after?.nameId === judged.name.id ? after.packageId : Infinity
    const rest = foreseenOf(judged, options.goingOnly).filter(({ version }) => version.id < begin)
    foreseen.push(...rest.slice(0, limit - foreseen.length))
    looked += 1
    if (foreseen.length === limit) return { foreseen, next: placeOf(foreseen.at(-1)!) }
    if (looked === mostNames) return { foreseen, next: { nameId: judged.name.id, packageId: 0 } }
  }
  return { foreseen, next: undefined }
}

const placeOf = ({ judged, version }: Foreseen): Place => ({ nameId: judged.name.id, packageId: version.id })

function foreseenOf(judged: JudgedName, goingOnly: boolean): Foreseen[] {
  return judged.verdicts
    .map((verdict) => ({
      ...verdict,
      judged,
      files: (judged.oldBuilds.get(verdict.version.id) ?? []).map(({ path }) => path),
    }))
    .filter(({ goes, files }) => !goingOnly || goes || files.length > 0)
    .toSorted((a, b) => b.version.id - a.version.id)
}
