/** Packages of the formats, as rows: what a publication of each would have left in the records. */
import { storeManifest } from '../../src/formats/npm/manifest.ts'
import type { Place } from './owners.ts'

export type MadeFormat = 'npm' | 'maven' | 'generic'

export interface MadeName {
  readonly format: MadeFormat
  readonly place: Place
  readonly name: string
}

/** Half of the names are npm's, three in ten Maven's. Formats that tie names to owners get names that fit. */
export function nameIn(place: Place, words: string, share: number): MadeName {
  if (share < 0.5) return { format: 'npm', place, name: share < 0.3 ? `@${place.rootPath}/${words}` : words }
  if (share < 0.8) return { format: 'maven', place, name: `${place.path}/${words}` }
  return { format: 'generic', place, name: words.replaceAll('-', '_') }
}

/** The model of a version; undefined: the format has none. */
export function modelOf({ format, name }: MadeName, version: string): unknown {
  if (format === 'npm') return storeManifest(manifest(name, version), { name, version, publisher: 'root' })
  if (format === 'maven') return { pom: pom(name) }
  return undefined
}

function manifest(name: string, version: string) {
  return {
    name,
    version,
    description: 'A package of a big server',
    license: 'MIT',
    main: 'index.js',
    engines: { node: '>=20' },
    scripts: { test: 'node --test', build: 'node build.js' },
    keywords: ['million', 'measure'],
    dependencies: { 'left-library': '^1.2.3', 'right-library': '^4.5.6', 'middle-library': '~7.8.9' },
    devDependencies: { 'test-library': '^1.0.0', 'lint-library': '^2.0.0' },
  }
}

/** Such an artifact is a plugin, which has an entry in its group's index. */
const isPlugin = (name: string) => name.endsWith('plugin')

function pom(name: string) {
  const packaging = isPlugin(name) ? 'maven-plugin' : 'jar'
  return { packaging, description: 'An artifact of a big server', licenses: ['MIT'], dependencies: [] }
}

/** The entry a package has in an index document. */
export function entryOf({ format, name }: MadeName) {
  if (format !== 'maven' || !isPlugin(name)) return undefined
  const slash = name.lastIndexOf('/')
  const artifact = name.slice(slash + 1)
  const text = `<plugin>\n  <name>${artifact}</name>\n  <prefix>${artifact}</prefix>\n  <artifactId>${artifact}</artifactId>\n</plugin>`
  return { rule: 'plugins', key: name.slice(0, slash), entry_id: artifact, text }
}

/** Three files each. */
export function pathsOf({ format, name }: MadeName, version: string): readonly string[] {
  const base = name.slice(name.lastIndexOf('/') + 1)
  if (format === 'npm')
    return ['.tgz', '.tgz.sig', '.sbom.json'].map((end) => `${name}/-/${base}-${version}${end}`)
  if (format === 'maven')
    return ['.jar', '.pom', '-sources.jar'].map((end) => `${name}/${version}/${base}-${version}${end}`)
  return ['linux', 'windows', 'notes'].map((file) => `${name}/${version}/${base}-${file}`)
}
