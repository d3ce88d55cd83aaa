/** Reads what a registry shows of a POM (POM Reference, model 4.0.0 and 4.1.0). Parents are not resolved. */
import { latin1Entities } from '../../lib/latin1-entities.ts'
import { invalid } from '../../lib/problem.ts'
import { readXml } from '../../lib/xml.ts'
import type { Pom, PomDependency } from './models.ts'
import { splitName } from './paths.ts'

/** Largest POM, in bytes: bills of materials with thousands of entries pass 1 MB. */
export const pomLimit = 4 * 1024 * 1024
/** What is kept of one text, in characters, and of the dependencies, in entries. */
const keptText = 4000
const keptDependencies = 1000

type Row = Record<string, string>
interface Raw {
  /** Texts by their path below `project`. */
  readonly values: Map<string, string>
  readonly properties: Map<string, string>
  readonly rows: Readonly<Record<'dependency' | 'license' | 'plugin', Row[]>>
}

const rowAt: ReadonlyMap<string, keyof Raw['rows']> = new Map([
  ['dependencies/dependency', 'dependency'],
  ['licenses/license', 'license'],
  ['build/plugins/plugin', 'plugin'],
])
const goalPrefixAt = /^build\/plugins\/plugin\/(?:executions\/execution\/)?configuration\/goalPrefix$/

/** As the POM states them, own or the parent's, properties (`${revision}`) unresolved. */
export interface DeclaredCoordinates {
  readonly groupId: string | undefined
  readonly artifactId: string
  readonly version: string | undefined
}

/** Throws `invalid` if the bytes are no POM, or are over a limit (see `readXml`). */
export async function readPom(bytes: Uint8Array): Promise<{ pom: Pom; declared: DeclaredCoordinates }> {
  const raw = await collect(bytes)
  const { values } = raw
  const artifactId = values.get('artifactId')
  if (!artifactId) throw invalid('the POM has no artifactId')
  const groupId = values.get('groupId') ?? values.get('parent/groupId')
  const version = values.get('version') ?? values.get('parent/version')
  return { pom: toPom(raw), declared: { groupId, artifactId, version } }
}

function toPom(raw: Raw): Pom {
  const expand = (text: string | undefined) => (text ? interpolate(text, raw).slice(0, keptText) : undefined)
  const value = (path: string) => expand(raw.values.get(path))
  return {
    packaging: value('packaging') ?? 'jar',
    name: value('name'),
    description: value('description'),
    url: value('url'),
    scm: value('scm/url'),
    issues: value('issueManagement/url'),
    organization: value('organization/name'),
    parent: raw.values.has('parent/artifactId')
      ? ['groupId', 'artifactId', 'version'].map((part) => value(`parent/${part}`) ?? '').join(':')
      : undefined,
    licenses: raw.rows.license.flatMap((row) => expand(row['name'] || row['url']) ?? []).slice(0, 20),
    dependencies: raw.rows.dependency.slice(0, keptDependencies).flatMap((row) => toDependency(row, expand)),
    goalPrefix: expand(
      raw.rows.plugin.find((row) => row['artifactId'] === 'maven-plugin-plugin')?.['goalPrefix'],
    ),
  }
}

async function collect(bytes: Uint8Array): Promise<Raw> {
  const raw: Raw = {
    values: new Map(),
    properties: new Map(),
    rows: { dependency: [], license: [], plugin: [] },
  }
  let row: Row = {}
  let root = ''
  const element = (full: string, text: string) => {
    root = full
    const path = full.slice(full.indexOf('/') + 1)
    const at = path.lastIndexOf('/')
    const [above, last] = [path.slice(0, Math.max(at, 0)), path.slice(at + 1)]
    if (rowAt.has(above)) row[last] = text
    else if (goalPrefixAt.test(path)) row['goalPrefix'] = text
    else if (above === 'properties') raw.properties.set(last, text)
    else if (text !== '' && !raw.values.has(path)) raw.values.set(path, text)
    const kind = rowAt.get(path)
    if (!kind) return
    raw.rows[kind].push(row)
    row = {}
  }
  await readXml('the POM', bytes, { entities: latin1Entities, element })
  if (root !== 'project') throw invalid(`the POM's root element is <${root.slice(0, 100)}>, not <project>`)
  return raw
}

function toDependency(row: Row, expand: (text?: string) => string | undefined): PomDependency[] {
  const groupId = expand(row['groupId'])
  const artifactId = expand(row['artifactId'])
  if (!groupId || !artifactId) return []
  const optional = row['optional'] === 'true' || undefined
  return [
    {
      groupId,
      artifactId,
      version: expand(row['version']),
      scope: expand(row['scope']) ?? 'compile',
      optional,
    },
  ]
}

/** One pass, results are not read again: `${project.version}` and the POM's own properties; others stay. */
function interpolate(text: string, { values, properties }: Raw): string {
  if (!text.includes('${')) return text
  return text
    .slice(0, keptText)
    .replaceAll(/\$\{(?:(?:project|pom)\.)?([\w.-]+)\}/g, (whole: string, key: string) => {
      const known = properties.get(key) ?? values.get(key) ?? values.get(`parent/${key}`)
      return known?.slice(0, 200) ?? whole
    })
}

/**
 * Throws `invalid` if the POM says other coordinates than the path it is uploaded to. What it leaves to a parent, or to
 * properties that are set when building, contradicts nothing.
 */
export function requireSameCoordinates(declared: DeclaredCoordinates, name: string, version: string): void {
  const expected = { ...splitName(name), version }
  for (const part of ['groupId', 'artifactId', 'version'] as const) {
    const text = declared[part]?.replace(/\d{8}\.\d{6}-\d+$/, 'SNAPSHOT')
    if (text === undefined || text === expected[part] || !/^[\w.+-]+$/.test(text)) continue
    throw invalid(`the POM's ${part} is ${text.slice(0, 100)}, the path's is ${expected[part]}`)
  }
}
