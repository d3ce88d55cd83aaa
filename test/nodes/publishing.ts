/** Publishing small npm packages to nodes, and looking whether a node shows them. */
import { createHash } from 'node:crypto'
import { sampleBody, sampleTarball } from '../../src/formats/npm/samples.ts'
import { call, type Answer, type Caller } from '../../src/formats/testing/http.ts'

export interface Publication {
  readonly name: string
  readonly version: string
  /** What its tarball holds. */
  readonly content: string
}

/** The npm registry of `acme/app` at a node. */
export const npmAt = (url: string) => `${url}/api/v4/projects/acme%2Fapp/packages/npm`

/** One publication, as npm sends it. */
export function publishTo(
  url: string,
  caller: Caller,
  { name, version, content }: Publication,
): Promise<Answer> {
  const body = JSON.stringify(sampleBody({ name, version, content }))
  const headers = { 'content-type': 'application/json' }
  return call(caller, npmAt(url), { method: 'PUT', path: `/${name}`, headers, body })
}

/** What is wrong with how a node shows a publication: undefined if packument and tarball are as they must be. */
export async function wrongWith(
  url: string,
  caller: Caller,
  { name, version, content }: Publication,
): Promise<string | undefined> {
  const answer = await call(caller, npmAt(url), { method: 'GET', path: `/${name}` })
  if (answer.status !== 200) return `packument of ${name}: ${answer.status}`
  const listed = JSON.parse(answer.text).versions[version]
  if (!listed) return `${name}@${version} is not in its packument`
  const bytes = sampleTarball(content)
  const integrity = `sha512-${createHash('sha512').update(bytes).digest('base64')}`
  if (listed.dist.integrity !== integrity) return `${name}@${version} has the integrity of other bytes`
  const tarball = await call(caller, npmAt(url), { method: 'GET', path: `/${name}/-/${name}-${version}.tgz` })
  if (tarball.status !== 200) return `tarball of ${name}@${version}: ${tarball.status}`
  return tarball.body.equals(bytes) ? undefined : `tarball of ${name}@${version} has other bytes`
}
