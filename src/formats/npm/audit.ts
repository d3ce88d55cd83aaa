/** `npm audit`: what upstreams know of the names that they may be told; without upstreams, no advisories. */
import type { ReadCall, Reply, UpstreamQuestion } from '../format.ts'
import { readGunzipped } from '../../lib/gunzip-body.ts'
import { invalid, tooLarge } from '../../lib/problem.ts'
import { AskedTree } from './audit-tree.ts'
import { isObject, objectOf, type JsonObject } from './json-values.ts'
import { parseObject, type JsonLimits } from './json-text.ts'
import type { NpmModels } from './manifest.ts'
import { isRemoteName } from './names.ts'
import { readVersion } from './versions.ts'

const maxBody = 32 * 1024 * 1024
const maxNames = 100_000
const answerLimits: JsonLimits = { bytes: 32 * 1024 * 1024, depth: 64, values: 2_000_000 }
const none = { info: 0, low: 0, moderate: 0, high: 0, critical: 0 }

/** `POST /-/npm/v1/security/advisories/bulk`, `{name: [versions]}`: answers `{name: [advisories]}`. */
export async function auditBulk(call: ReadCall<NpmModels>): Promise<Reply> {
  const asked = new Map<string, readonly string[]>()
  for (const [name, versions] of Object.entries(await readAudit(call))) {
    if (!Array.isArray(versions))
      throw invalid(`the versions of ${JSON.stringify(name.slice(0, 100))} are not a list`)
    const known = versions.filter((version) => readVersion(version) !== undefined)
    if (isRemoteName(name) && known.length > 0) asked.set(name, known)
  }
  const told = new Set<string>()
  const answers = await ask(call, new Set(asked.keys()), (names) => {
    for (const name of names) told.add(name)
    const body = [...names].map((name) => [name, asked.get(name) ?? []] as const)
    return question('advisories/bulk', Object.fromEntries(body))
  })
  return { json: mergeAdvisories(answers, told) }
}

/** `{name: [advisories]}` of several registries as one: of those with one id the first one's stands. */
function mergeAdvisories(answers: readonly JsonObject[], told: ReadonlySet<string>): JsonObject {
  const merged = new Map<string, Map<string, JsonObject>>()
  for (const [name, advisories] of answers.flatMap((answer) => Object.entries(answer))) {
    if (!told.has(name) || !Array.isArray(advisories)) continue
    const known = merged.get(name) ?? new Map<string, JsonObject>()
    for (const advisory of advisories.filter(isObject)) {
      const id = JSON.stringify(advisory.id ?? advisory)
      if (!known.has(id)) known.set(id, advisory)
    }
    if (known.size > 0) merged.set(name, known)
  }
  return Object.fromEntries([...merged].map(([name, known]) => [name, [...known.values()]]))
}

/** `POST /-/npm/v1/security/audits`: a lock file's tree; answers the older report. */
export const auditTree = (call: ReadCall<NpmModels>) => auditOlder(call, 'audits')
/** `POST /-/npm/v1/security/audits/quick`: the same. */
export const auditQuick = (call: ReadCall<NpmModels>) => auditOlder(call, 'audits/quick')

async function auditOlder(call: ReadCall<NpmModels>, path: string): Promise<Reply> {
  const body = await readAudit(call)
  const tree = new AskedTree(body)
  const answers = await ask(call, tree.names, (names) => question(path, tree.question(names)))
  const report = answers.find((answer) => isObject(answer.advisories)) ?? {}
  const { advisories, actions } = tree.restore(report)
  return { json: { actions, advisories, muted: [], metadata: metadataOf(report, advisories, body) } }
}

/** The report's own counts; ours where it has none. */
function metadataOf(report: JsonObject, advisories: JsonObject, tree: JsonObject): JsonObject {
  const dependencies = countDependencies(tree)
  const vulnerabilities: Record<string, number> = { ...none }
  for (const { severity } of Object.values(advisories).map(objectOf)) {
    const known = typeof severity === 'string' && Object.hasOwn(none, severity) ? severity : 'high'
    vulnerabilities[known] = (vulnerabilities[known] ?? 0) + 1
  }
  const counts = {
    dependencies,
    devDependencies: 0,
    optionalDependencies: 0,
    totalDependencies: dependencies,
  }
  const said = objectOf(report.metadata)
  return {
    vulnerabilities: { ...vulnerabilities, ...numbersOf(said.vulnerabilities, none) },
    ...counts,
    ...numbersOf(said, counts),
  }
}

/** The members that are counts, of those in `known`. */
function numbersOf(value: unknown, known: object): JsonObject {
  const counts = Object.entries(objectOf(value)).filter(
    ([name, count]) => Object.hasOwn(known, name) && Number.isSafeInteger(count) && Number(count) >= 0,
  )
  return Object.fromEntries(counts)
}

/** The upstreams' answers that are JSON objects. */
async function ask(
  { registry }: ReadCall<NpmModels>,
  names: ReadonlySet<string>,
  make: (names: ReadonlySet<string>) => UpstreamQuestion,
): Promise<readonly JsonObject[]> {
  if (names.size === 0) return []
  if (names.size > maxNames) throw tooLarge(`the request is about more than ${maxNames} names`)
  const bodies = await registry.ask([...names], make)
  return bodies.flatMap((body) => {
    try {
      return [parseObject(body, 'the answer', answerLimits)]
    } catch {
      return []
    }
  })
}

function question(path: string, body: JsonObject): UpstreamQuestion {
  return {
    method: 'POST',
    path: `-/npm/v1/security/${path}`,
    accept: 'application/json',
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(JSON.stringify(body)),
    maxBytes: answerLimits.bytes,
  }
}

async function readAudit({ request }: ReadCall<NpmModels>): Promise<JsonObject> {
  const bytes = await readGunzipped(request.body, request.headers['content-encoding'], maxBody)
  let body: unknown
  try {
    body = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    throw invalid('the request body is not valid JSON')
  }
  if (!isObject(body)) throw invalid('the request body is not a JSON object')
  return body
}

function countDependencies(tree: JsonObject): number {
  let count = 0
  const open = [tree]
  for (let node = open.pop(); node; node = open.pop()) {
    const children = Object.values(objectOf(node.dependencies)).filter(isObject)
    count += children.length
    for (const child of children) open.push(child)
  }
  return count
}
