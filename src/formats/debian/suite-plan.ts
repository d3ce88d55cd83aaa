/** Which lists a suite shows, and of which entries. */
import type { StoredSettings } from './models.ts'

export interface SuitePlan {
  readonly components: readonly string[]
  readonly architectures: readonly string[]
  readonly indexes: readonly PlannedIndex[]
}
export interface PlannedIndex {
  /** Relative to the suite: `main/binary-amd64`. */
  readonly folder: string
  readonly file: 'Packages' | 'Sources'
  /** The lists of entries that it is joined from. */
  readonly from: readonly string[]
}

/** With more pairs of a component and an architecture, only those are shown that have packages. */
const mostPairs = 1000

/**
 * What is set and what occurs. The list of every architecture has the packages for `all` in it, as Debian's own have;
 * every component has every architecture, because clients ask for theirs in each.
 */
export function planSuite(lists: readonly string[], settings: StoredSettings | undefined): SuitePlan {
  const occurring = lists.map(parseList)
  const components = united(
    'main',
    settings?.components ?? [],
    occurring.map(({ component }) => component),
  )
  const architectures = united(
    'all',
    ['all', ...(settings?.architectures ?? [])],
    occurring.flatMap(({ architecture }) => architecture ?? []),
  )
  const present = new Set(lists)
  const isWhole = components.length * architectures.length <= mostPairs
  const packagesIn = (base: string) =>
    architectures
      .filter((architecture) => isWhole || present.has(`${base}/binary-${architecture}`))
      .map((architecture): PlannedIndex => {
        const folder = `${base}/binary-${architecture}`
        const from = [...new Set([folder, `${base}/binary-all`])].filter((list) => present.has(list))
        return { folder, file: 'Packages', from }
      })
  const indexes = components.flatMap((component): PlannedIndex[] => {
    const source = `${component}/source`
    const installer = `${component}/debian-installer`
    const hasInstaller = lists.some((list) => list.startsWith(`${installer}/`))
    return [
      ...packagesIn(component),
      ...(hasInstaller ? packagesIn(installer) : []),
      { folder: source, file: 'Sources', from: present.has(source) ? [source] : [] },
    ]
  })
  return { components, architectures, indexes }
}

/** `main/debian-installer/binary-amd64`, `main/source`. */
function parseList(list: string): { readonly component: string; readonly architecture: string | undefined } {
  const slash = list.indexOf('/')
  return { component: list.slice(0, slash), architecture: /\/binary-(.+)$/.exec(list)?.[1] }
}

/** Each once, sorted, but for `first`, which precedes all others where it is there. */
function united(first: string, ...lists: readonly (readonly string[])[]): readonly string[] {
  const rank = (name: string) => (name === first ? 0 : 1)
  return [...new Set(lists.flat())].toSorted((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1))
}
