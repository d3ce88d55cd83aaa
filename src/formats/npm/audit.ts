/** `npm audit`: answered validly, without advisories as long as none are known here. */
import type { ReadCall, Reply } from '../format.ts'
import { readGunzipped } from '../../lib/gunzip-body.ts'
import { invalid } from '../../lib/problem.ts'
import { isObject, objectOf, type JsonObject } from './json-values.ts'
import type { NpmModels } from './manifest.ts'

const maxBody = 32 * 1024 * 1024
const none = { info: 0, low: 0, moderate: 0, high: 0, critical: 0 }

/** `POST /-/npm/v1/security/advisories/bulk`, `{name: [versions]}`: answers `{name: [advisories]}`. */
export async function auditBulk(call: ReadCall<NpmModels>): Promise<Reply> {
  const asked = await readAudit(call)
  for (const [name, versions] of Object.entries(asked)) {
    if (!Array.isArray(versions))
      throw invalid(`the versions of ${JSON.stringify(name.slice(0, 100))} are not a list`)
  }
  return { json: {} }
}

/** `POST /-/npm/v1/security/audits` and `.../audits/quick`: a lock file's tree; answers the older report. */
export async function auditQuick(call: ReadCall<NpmModels>): Promise<Reply> {
  const dependencies = countDependencies(await readAudit(call))
  const counts = {
    dependencies,
    devDependencies: 0,
    optionalDependencies: 0,
    totalDependencies: dependencies,
  }
  return { json: { actions: [], advisories: {}, muted: [], metadata: { vulnerabilities: none, ...counts } } }
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
