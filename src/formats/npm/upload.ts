/** Publishing a version: `PUT /:name` with the tarball attached. Without it the request changes what is published. */
import type { Digests, Reply, WriteCall } from '../format.ts'
import { invalid } from '../../lib/problem.ts'
import { changePackument } from './changes.ts'
import { readHash } from './integrity.ts'
import { isObject, objectOf, textOf, type JsonObject } from './json-values.ts'
import { attachmentNames, storeManifest, type NpmModels } from './manifest.ts'
import { normalizeName, tarballPath } from './names.ts'
import { checkNames, readPublishBody, type PublishBody } from './publish-body.ts'
import { checkTag } from './tags.ts'
import { normalizeVersion } from './versions.ts'

/** Answers 201 `{ok: true, id}`. Everything in the body is checked against the URL and the bytes received. */
export async function publish(call: WriteCall<NpmModels>): Promise<Reply> {
  const name = normalizeName(call.params.name ?? '')
  const { document, attachment } = await readPublishBody(call)
  checkNames(document, name)
  if (!attachment) return changePackument(call, name, document, 'publish')
  const { manifest, version } = onlyVersion(document, name)
  if (!attachmentNames(name, version, String(manifest.version)).includes(attachment.name)) {
    throw invalid(`the attachment must be named ${attachmentNames(name, version)[0]}`)
  }
  checkDigests(objectOf(manifest.dist), attachment.blob.digests)
  await call.registry.publish({
    name,
    version,
    mode: 'new',
    metadata: storeManifest(manifest, {
      name,
      version,
      publisher: call.caller.username,
      ...readmeOf(document),
    }),
    files: [{ path: tarballPath(name, version), blob: attachment.blob, metadata: {} }],
    tags: tagsOf(document, version),
  })
  return { status: 201, json: { ok: true, id: name } }
}

function onlyVersion(document: JsonObject, name: string): { manifest: JsonObject; version: string } {
  if (document.name === undefined) throw invalid('the body has no name')
  const versions = Object.entries(objectOf(document.versions))
  const [key, manifest] = versions[0] ?? []
  if (versions.length !== 1 || key === undefined) throw invalid('publish exactly one version at a time')
  if (!isObject(manifest)) throw invalid('the version has no manifest')
  if (manifest.name !== name) throw invalid(`the manifest's name is not ${name}`)
  const version = normalizeVersion(key)
  if (typeof manifest.version !== 'string' || normalizeVersion(manifest.version) !== version) {
    throw invalid(`the manifest's version is not ${version}`)
  }
  return { manifest, version }
}

function tagsOf(document: JsonObject, version: string): readonly string[] {
  const given = document['dist-tags'] ?? {}
  if (!isObject(given)) throw invalid('dist-tags is not an object')
  const tags = Object.entries(given).map(([tag, target]) => {
    if (typeof target !== 'string' || normalizeVersion(target) !== version) {
      throw invalid(`dist-tag ${JSON.stringify(tag.slice(0, 100))} does not point to ${version}`)
    }
    return checkTag(tag)
  })
  if (tags.length > 100) throw invalid('more than 100 dist-tags')
  return tags.length > 0 ? tags : ['latest']
}

function readmeOf(document: JsonObject): { readonly readme?: string } {
  const readme = textOf(document.readme)
  return readme === undefined ? {} : { readme }
}

/** Compares what the client computed (hexadecimal SHA-1, Subresource Integrity) with the bytes received. */
function checkDigests(dist: JsonObject, received: PublishedDigests): void {
  const { shasum, integrity } = dist
  if (shasum !== undefined && (typeof shasum !== 'string' || shasum.toLowerCase() !== received.sha1)) {
    throw invalid('dist.shasum does not match the attachment')
  }
  if (integrity === undefined) return
  if (typeof integrity !== 'string' || integrity.length > 2048) throw invalid('dist.integrity is not a text')
  for (const entry of integrity.trim().split(/\s+/)) {
    const hash = readHash(entry)
    if (!hash) throw invalid('dist.integrity is not Subresource Integrity')
    const digest = received[hash.algorithm as keyof Digests]
    if (digest !== undefined && hash.hex !== digest) {
      throw invalid('dist.integrity does not match the attachment')
    }
  }
}
type PublishedDigests = NonNullable<PublishBody['attachment']>['blob']['digests']
