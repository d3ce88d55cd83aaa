/** Deprecating and unpublishing: the client sends the packument back as it shall be. */
import type { Amendment, Condition, NameView, Reply, WriteCall } from '../format.ts'
import { conflict, invalid } from '../../lib/problem.ts'
import { isObject, objectOf, textOf, type JsonObject } from './json-values.ts'
import type { NpmModels } from './manifest.ts'
import { normalizeName, packageNotFound, readableName, splitPath } from './names.ts'
import { checkNames, readPublishBody } from './publish-body.ts'
import { checkTag, distTags } from './tags.ts'

const maxReason = 4096
const done = { status: 200, json: { ok: true } }

/** `PUT /:name/-rev/:rev`: as `changePackument`, and versions left out are removed (npm unpublish). */
export async function updatePackument(call: WriteCall<NpmModels>): Promise<Reply> {
  const name = normalizeName(call.params.name ?? '')
  const { document, attachment } = await readPublishBody(call)
  if (attachment) throw invalid('an update brings no attachment')
  checkNames(document, name)
  return changePackument(call, name, { ...document, _rev: call.params.rev }, 'update')
}

/**
 * Makes the name's standings (and, for an 'update', its versions and tags) as `document` says, if `_rev` is still the
 * name's revision (409 otherwise). A document without versions changes nothing and is 400.
 */
export async function changePackument(
  { registry }: WriteCall<NpmModels>,
  name: string,
  document: JsonObject,
  kind: 'publish' | 'update',
): Promise<Reply> {
  if (!isObject(document.versions) || Object.keys(document.versions).length === 0) {
    throw invalid('nothing to do: the body has no versions')
  }
  const current = await registry.find(name)
  if (!current && kind === 'publish') throw invalid('the body has no attachment')
  if (!current) throw packageNotFound()
  const known = new Set(current.packages.map((pkg) => pkg.version))
  for (const version of Object.keys(document.versions)) {
    if (known.has(version)) continue
    if (kind === 'update') throw conflict(`${name} has no version ${version}`)
    throw invalid(`the body has no attachment for version ${version}`)
  }
  await apply(registry, current, document, kind)
  return done
}

async function apply(
  registry: WriteCall<NpmModels>['registry'],
  current: NameView<NpmModels>,
  document: JsonObject,
  kind: 'publish' | 'update',
): Promise<void> {
  const versions = objectOf(document.versions)
  const rev = textOf(document._rev)
  let condition: Condition = rev === undefined ? {} : { ifRevision: rev }
  const removed = current.packages
    .map((pkg) => pkg.version)
    .filter((version) => !Object.hasOwn(versions, version))
  const standings = changedStandings(current, versions)
  if (kind === 'update' && removed.length > 0) {
    await registry.remove(current.name, { versions: removed }, condition)
    condition = {}
  }
  if (standings.length > 0) await registry.amend(current.name, standings, condition)
  if (kind !== 'update') return
  for (const [tag, version] of changedTags(current, document, removed))
    await registry.tag(current.name, tag, version)
}

function changedStandings(
  current: NameView<NpmModels>,
  versions: JsonObject,
): readonly Amendment<NpmModels>[] {
  const changes: Amendment<NpmModels>[] = []
  for (const { version, standing } of current.packages) {
    if (!Object.hasOwn(versions, version)) continue
    const reason = reasonOf(objectOf(versions[version]).deprecated)
    if (reason === (standing?.reason ?? '')) continue
    changes.push({ version, standing: reason === '' ? null : { kind: 'deprecated', reason } })
  }
  return changes
}

function reasonOf(deprecated: unknown): string {
  if (deprecated === undefined || deprecated === null || deprecated === false) return ''
  if (typeof deprecated !== 'string') throw invalid('deprecated must be a text')
  if (deprecated.length > maxReason)
    throw invalid(`the deprecation message is longer than ${maxReason} characters`)
  return deprecated
}

/** Tags that the client moved by hand; what pointed to a removed version is the registry's matter. */
function changedTags(
  current: NameView<NpmModels>,
  document: JsonObject,
  removed: readonly string[],
): readonly (readonly [string, string])[] {
  const before = distTags(current)
  const changes: [string, string][] = []
  for (const [tag, version] of Object.entries(objectOf(document['dist-tags']))) {
    const old = before[tag]
    if (typeof version !== 'string' || version === old || (old !== undefined && removed.includes(old)))
      continue
    if (!Object.hasOwn(objectOf(document.versions), version))
      throw invalid(`dist-tag ${tag} points to no version`)
    changes.push([checkTag(tag), version])
  }
  return changes
}

/** `DELETE /:name/-rev/:rev`: unpublishes all versions. */
export async function unpublishAll({ registry, params }: WriteCall<NpmModels>): Promise<Reply> {
  const name = normalizeName(params.name ?? '')
  const current = await registry.find(name)
  if (!current || current.packages.length === 0) throw packageNotFound()
  await registry.remove(name, undefined, { ifRevision: params.rev ?? '' })
  return done
}

/**
 * `DELETE <tarball>/-rev/:rev`: the last step of unpublishing one version, mostly when that is gone already. npm itself
 * asks for a wrong path where the registry is configured for a scope; it takes 404, and only 404, for done.
 */
export async function unpublishTarball({ registry, params }: WriteCall<NpmModels>): Promise<Reply> {
  const name = readableName(params.name ?? '')
  const fileName = splitPath(params.file ?? '').base
  const file = await registry.file(`${name}/-/${fileName}`)
  if (file) {
    await registry.remove(name, { versions: [file.version] }, { ifRevision: params.rev ?? '' })
    return done
  }
  const removed = (await registry.find(name))?.removed ?? []
  const { base } = splitPath(name)
  if (!removed.some(({ version }) => fileName === `${base}-${version}.tgz`)) throw packageNotFound()
  return done
}
