/** What stories about Debian publish, and how they look at what apt brought. */
import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { debName, debOf, type SampleUpload } from '../../../src/formats/debian/sample-uploads.ts'
import { createAptClient, type AptClient, type AptSource } from './apt.ts'
import type { Home } from './story.ts'

export const suite = 'bookworm'
/** What an upload asks to be published at once. */
export const query = `?distribution=${suite}`
/** For apt, dpkg and what is written in Perl or Python. */
export const memoryMb = 1500

export interface DebianRegistry {
  /** No slash at the end. */
  readonly url: string
  /** Left out: nobody. */
  readonly token?: string
  readonly username?: string
}

/** Publishes a package, which says its name and version where it is installed, by curl; the path of its file. */
export async function publishDeb(
  home: Home,
  { url, token = '', username = 'anyone' }: DebianRegistry,
  sample: SampleUpload,
): Promise<string> {
  const said = { content: `${sample.name} ${sample.version}`, ...sample }
  const file = home.write(`debs/${debName(sample)}`, debOf(said))
  const target = `${url}/${encodeURIComponent(debName(sample))}${query}`
  const send = ['-sS', '--fail-with-body', '--user', `${username}:${token}`, '--upload-file', file, target]
  await home.run('curl', send)
  return file
}

/** Uploads by plain HTTP, which is quicker. `path`: a file, perhaps with `query`. */
export async function sendBytes(
  { url, token, username = 'anyone' }: DebianRegistry,
  path: string,
  body: Uint8Array,
): Promise<void> {
  const authorization = `Basic ${Buffer.from(`${username}:${token}`).toString('base64')}`
  const reply = await fetch(`${url}/${path}`, { method: 'PUT', headers: { authorization }, body })
  assert.equal(reply.status, 201, await reply.text())
}

/** Asks by plain HTTP, as whom the registry says. */
export function ask(
  { url, token, username = 'anyone' }: DebianRegistry,
  path: string,
  method = 'GET',
): Promise<Response> {
  const login = Buffer.from(`${username}:${token}`).toString('base64')
  return fetch(url + path, {
    method,
    headers: token === undefined ? {} : { authorization: `Basic ${login}` },
  })
}

/** The same, which must be answered well; its text. */
export async function askText(registry: DebianRegistry, path: string, method = 'GET'): Promise<string> {
  const reply = await ask(registry, path, method)
  const text = await reply.text()
  assert.ok(reply.ok, `${method} ${path}: ${reply.status} ${text}`)
  return text
}

export const keyOf = (registry: DebianRegistry) => askText(registry, `/dists/${suite}/key.asc`)

/** The list of paths, once the job has made one. */
export async function waitForContents(registry: DebianRegistry, architecture: string): Promise<string> {
  for (let tries = 0; tries < 300; tries++) {
    await askText(registry, `/dists/${suite}/Release`)
    const reply = await ask(registry, `/dists/${suite}/main/Contents-${architecture}`)
    const text = await reply.text()
    if (reply.ok) return text
    await sleep(200)
  }
  throw new Error('no list of paths was made')
}

let clients = 0

/** apt for this registry, with what signs it now unless other keys are given; of amd64, unless it says another. */
export async function aptFor(
  home: Home,
  registry: DebianRegistry,
  { architecture, ...more }: Partial<AptSource> & { readonly architecture?: string } = {},
): Promise<AptClient> {
  const { url, token, username = 'anyone' } = registry
  const key = more.key ?? (await keyOf(registry))
  const login = token === undefined ? {} : { login: { username, password: token } }
  const source = { url, suite, ...login, ...more, key }
  return createAptClient(join(home.dir, `apt-${++clients}`), source, architecture)
}

/** Updates, and tells which of these packages it then has, and in which version. */
export async function seenBy(client: AptClient, ...names: readonly string[]) {
  await client.apt('apt-get', 'update', '--error-on=any')
  const seen: Record<string, string | undefined> = {}
  for (const name of names) seen[name] = await client.candidate(name)
  return seen
}

/** Downloads what apt finds needed, unpacks it by dpkg below a root of its own, and reads what packages say there. */
export async function install(home: Home, client: AptClient, wanted: readonly string[]): Promise<string[]> {
  await client.apt('apt-get', 'clean')
  await client.apt('apt-get', 'install', '--download-only', '--yes', ...wanted)
  const archives = join(client.root, 'cache/archives')
  const debs = readdirSync(archives).filter((file) => file.endsWith('.deb'))
  const root = join(client.root, 'root')
  rmSync(root, { recursive: true, force: true })
  for (const folder of ['updates', 'info', 'parts']) {
    mkdirSync(join(root, 'var/lib/dpkg', folder), { recursive: true })
  }
  for (const file of ['status', 'available']) writeFileSync(join(root, 'var/lib/dpkg', file), '')
  const unpack = [`--root=${root}`, '--force-not-root', '--force-bad-path', '--install']
  await home.run('dpkg', [...unpack, ...debs.map((file) => join(archives, file))], { memoryMb })
  const texts = debs.map((file) => {
    const name = file.slice(0, file.indexOf('_'))
    return readFileSync(join(root, 'usr/share', name), 'utf8').trim()
  })
  return texts.toSorted()
}
