/** dist-tags: the movable names of versions. */
import semverValidRange from 'semver/ranges/valid.js'
import { readJson } from '../handlers.ts'
import type { NameView, ReadCall, Reply, WriteCall } from '../format.ts'
import { invalid, notFound } from '../../lib/problem.ts'
import { isObject } from './json-values.ts'
import type { NpmModels } from './manifest.ts'
import { normalizeName, packageNotFound, readableName } from './names.ts'
import { isPrerelease, normalizeVersion } from './versions.ts'

const maxBody = 64 * 1024

/** Checks a tag: what a URL need not encode, and nothing that could be taken for a range of versions. Throws 400. */
export function checkTag(tag: string): string {
  const shown = JSON.stringify(tag.slice(0, 100))
  if (!/^[A-Za-z0-9~!*'()._-]{1,100}$/.test(tag) || tag === '__proto__') {
    throw invalid(`dist-tag ${shown} is not allowed: use letters, digits, ".", "_" and "-", at most 100`)
  }
  if (semverValidRange(tag) !== null) throw invalid(`dist-tag ${shown} must not be a valid range of versions`)
  return tag
}

/** The tags of a name as clients see them: `latest` is always there, if need be as the highest release. */
export function distTags(name: NameView<NpmModels>): Readonly<Record<string, string>> {
  const versions = name.packages.map((pkg) => pkg.version)
  const shown = new Set(versions)
  const set = Object.entries(name.tags).filter(([, version]) => shown.has(version))
  const highest = versions.findLast((version) => !isPrerelease(version)) ?? versions.at(-1)
  return { ...(highest !== undefined && { latest: highest }), ...Object.fromEntries(set) }
}

export async function listTags({ registry, params }: ReadCall<NpmModels>): Promise<Reply> {
  const name = await registry.find(readableName(params.name ?? ''))
  if (!name || name.packages.length === 0) throw packageNotFound()
  return { json: distTags(name) }
}

/** PUT or POST of `"1.0.0"` to one tag. */
export async function setTag({ registry, params, request }: WriteCall<NpmModels>): Promise<Reply> {
  const tag = checkTag(params.tag ?? '')
  const body = await readJson(request.body, maxBody)
  const name = await existing(registry, params)
  await registry.tag(name.name, tag, publishedVersion(name, body))
  return { status: 204 }
}

export async function deleteTag({ registry, params }: WriteCall<NpmModels>): Promise<Reply> {
  const tag = params.tag ?? ''
  const name = await existing(registry, params)
  if (!Object.hasOwn(name.tags, tag)) throw notFound(`${tag} is not a dist-tag of ${name.name}`)
  await registry.tag(name.name, tag, null)
  return { status: 204 }
}

/** PUT of `{tag: version}` replaces all tags, POST adds to them. */
export async function setTags({ registry, params, request }: WriteCall<NpmModels>): Promise<Reply> {
  const body = await readJson(request.body, maxBody)
  if (!isObject(body)) throw invalid('send an object of dist-tags and versions')
  const name = await existing(registry, params)
  const wanted = Object.entries(body).map(
    ([tag, version]) => [checkTag(tag), publishedVersion(name, version)] as const,
  )
  const gone =
    request.method === 'PUT' ? Object.keys(name.tags).filter((tag) => !Object.hasOwn(body, tag)) : []
  for (const [tag, version] of wanted) await registry.tag(name.name, tag, version)
  for (const tag of gone) await registry.tag(name.name, tag, null)
  return { status: 204 }
}

async function existing(registry: WriteCall<NpmModels>['registry'], params: WriteCall<NpmModels>['params']) {
  const name = await registry.find(normalizeName(params.name ?? ''))
  if (!name) throw packageNotFound()
  return name
}

function publishedVersion(name: NameView<NpmModels>, given: unknown): string {
  if (typeof given !== 'string') throw invalid('send the version as a JSON string')
  const version = normalizeVersion(given)
  if (!name.packages.some((pkg) => pkg.version === version))
    throw notFound(`${name.name} has no version ${version}`)
  return version
}
