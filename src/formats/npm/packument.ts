/** The packument: all that is known about a name, in full and abbreviated for installers. */
import { inTurns } from '../../lib/turn.ts'
import type { DocumentPart, NameDocument, NameView, PackageView } from '../format.ts'
import type { JsonObject } from './json-values.ts'
import { manifestTexts } from './manifest-text.ts'
import { parseManifest, type NpmModels } from './manifest.ts'
import { decodePackument } from './remote-name.ts'
import { distTags } from './tags.ts'

/** Media type of the abbreviated form, which installers ask for by Accept. */
export const abbreviatedType = 'application/vnd.npm.install-v1+json'

/** Fields of the latest manifest that a packument repeats at its top. */
const repeated = [
  'maintainers',
  'description',
  'homepage',
  'keywords',
  'repository',
  'contributors',
  'author',
  'bugs',
  'license',
]

/** Two parts: '' in full, 'short' abbreviated. A name without versions has no packument. */
export const packument: NameDocument<NpmModels> = {
  of: 'name',
  async encode(name, { links }) {
    const packages: PackageView<NpmModels>[] = []
    const full: string[] = []
    const short: string[] = []
    await inTurns(name.packages, (pkg) => {
      const texts = manifestTexts(pkg, links)
      if (!texts) return
      const key = `${packages.length === 0 ? '' : ','}${JSON.stringify(pkg.version)}`
      packages.push(pkg)
      full.push(`${key}:${texts.full}`)
      short.push(`${key}:${texts.short}`)
    })
    if (packages.length === 0) return undefined
    const shown = { ...name, packages }
    return [await fullPart(shown, full), shortPart(shown, short)]
  },
  decode: decodePackument,
}

async function fullPart(name: NameView<NpmModels>, versions: readonly string[]): Promise<DocumentPart> {
  const tags = distTags(name)
  const latest = name.packages.find((pkg) => pkg.version === tags.latest)
  const body = joined({
    _id: JSON.stringify(name.name),
    _rev: JSON.stringify(name.revision),
    name: JSON.stringify(name.name),
    'dist-tags': JSON.stringify(tags),
    versions,
    time: await timesOf(name),
    ...latestTexts(latest),
  })
  return { path: '', contentType: 'application/json; charset=utf-8', body, headers: { vary: 'Accept' } }
}

function shortPart(name: NameView<NpmModels>, versions: readonly string[]): DocumentPart {
  const body = joined({
    name: JSON.stringify(name.name),
    'dist-tags': JSON.stringify(distTags(name)),
    versions,
    modified: JSON.stringify(name.changedAt),
  })
  return { path: 'short', contentType: abbreviatedType, body, headers: { vary: 'Accept' } }
}

/** When each version came (removed ones: when it went), as `time` of npm; without it some clients refuse to install. */
async function timesOf(name: NameView<NpmModels>): Promise<readonly string[]> {
  const times = new Map([
    ['created', name.createdAt],
    ['modified', name.changedAt],
  ])
  for (const { version, at } of name.removed) times.set(version, at)
  for (const pkg of name.packages) times.set(pkg.version, pkg.publishedAt)
  const texts = await inTurns([...times], ([key, at]) => `${JSON.stringify(key)}:"${at.toISOString()}"`, 2000)
  return texts.map((text, index) => (index === 0 ? text : `,${text}`))
}

function latestTexts(latest: PackageView<NpmModels> | undefined): Readonly<Record<string, string>> {
  if (!latest) return {}
  const { readme, readmeFilename } = latest.metadata
  const manifest: JsonObject = { ...parseManifest(latest.metadata), readme: readme ?? '', readmeFilename }
  const texts: Record<string, string> = {}
  for (const field of [...repeated, 'readme', 'readmeFilename']) {
    if (manifest[field] !== undefined) texts[field] = JSON.stringify(manifest[field])
  }
  return texts
}

/** A JSON object of values that are JSON texts already, or the members of an object in pieces. */
function joined(properties: Readonly<Record<string, string | readonly string[]>>): string[] {
  const pieces: string[] = []
  for (const [name, value] of Object.entries(properties)) {
    pieces.push(`${pieces.length === 0 ? '{' : ','}"${name}":`)
    if (typeof value === 'string') pieces.push(value)
    else pieces.push('{', ...value, '}')
  }
  return [...pieces, '}']
}
