/** What the packages of a big server look like: how many versions, of which names, in which projects. */

/** Numbers between 0 and 1 that look random and are the same each time. */
export function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

export interface Shape {
  readonly packages: number
  readonly topGroups: number
  readonly subgroups: number
  readonly projects: number
  /** Names with very many versions each. */
  readonly bigNames: number
  readonly versionsOfBigNames: number
  /** Blobs that really have bytes; files share them. */
  readonly blobs: number
}

/** A tenth of the packages are versions of ten names; the others are a long tail. */
export function shapeOf(packages: number): Shape {
  const projects = Math.max(20, Math.min(2000, Math.round(packages / 500)))
  return {
    packages,
    topGroups: Math.max(2, Math.round(projects / 100)),
    subgroups: Math.max(4, Math.round(projects / 10)),
    projects,
    bigNames: 10,
    versionsOfBigNames: Math.max(1, Math.round(packages / 100)),
    blobs: 200,
  }
}

const syllables = [
  'an',
  'ber',
  'co',
  'da',
  'el',
  'fi',
  'gor',
  'hu',
  'in',
  'ka',
  'lo',
  'mi',
  'no',
  'pra',
  'ri',
]
/** What people do put into names, again and again. */
const common = ['core', 'utils', 'client', 'plugin', 'react', 'config', 'test', 'server', 'data', 'types']

/** `berlo-config-fingor`: words of few syllables, some of them in very many names. */
export function wordsOf(random: () => number): string {
  const word = () =>
    Array.from({ length: 2 + Math.floor(random() * 2) }, () => syllables[Math.floor(random() * 15)]).join('')
  const middle = random() < 0.4 ? `${common[Math.floor(common.length * random() ** 2)]}-` : ''
  return `${word()}-${middle}${word()}`
}

/** Versions of one name in the long tail: mostly one, rarely hundreds. */
export const tailVersions = (random: () => number) => Math.min(300, Math.ceil(0.6 / Math.sqrt(1 - random())))

/** `0.0.0`, `0.0.1` ...: a hundred patches to a minor, a hundred minors to a major version. */
export const versionAt = (index: number) =>
  `${Math.floor(index / 10_000)}.${Math.floor(index / 100) % 100}.${index % 100}`
