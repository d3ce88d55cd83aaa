import type { Entry, IndexDocument, Links, NameDocument, RemoteEntry } from '../../formats/format.ts'
import { viewOf } from '../access/view.ts'
import type { RegistryContext } from '../registry/context.ts'
import { createLinks } from '../registry/links.ts'
import { mixedFor, stampOfMixed } from '../registry/mixing.ts'
import { loadedName, readableName } from '../registry/names.ts'
import { entriesFromUpstream } from '../upstream/entries.ts'
import { isForeign, nameFromUpstream, type FromUpstream } from '../upstream/from-upstream.ts'
import { passedDocument } from '../upstream/passed.ts'
import { indexEntries, indexStamp, seenBy } from './entries.ts'
import { setPart } from './sets/serve.ts'
import { renderParts, type RenderedDocument, type RenderedPart } from './rendered.ts'

/** A part of a document, and how old it is where that is more than its upstream allows, in seconds. */
export interface ServedPart {
  readonly part: RenderedPart
  readonly age?: number
}

/**
 * One part of a document as this caller sees it, as fresh as the request's generation; undefined: there is none.
 * Throws an `Error` for a rule the format does not have; 502 to 504 where an upstream fails and nothing of it is kept.
 */
export async function documentPart(
  context: RegistryContext,
  rule: string,
  key: string,
  part = '',
): Promise<ServedPart | undefined> {
  const document = context.format.documents?.[rule]
  if (!document) throw new Error(`format ${context.format.id} has no document rule ${rule}`)
  if (document.of === 'packages') return partOf(await indexDocument(context, rule, document, key), part)
  if (document.of === 'set') {
    const found = await setPart(context, rule, document, key, part)
    return found && { part: found }
  }
  if (document.of === 'upstream') return partOf(await passedDocument(context, rule, document, key), part)
  if (document.decode && (await isForeign(context, key)))
    return partOf(await nameFromUpstream(context, rule, key, part), part)
  const rendered = await nameDocument(context, rule, document, key)
  return rendered && partOf({ rendered }, part)
}

function partOf(found: FromUpstream | undefined, path: string): ServedPart | undefined {
  const part = found?.rendered.parts.get(path)
  return part && { part, ...(found?.age === undefined ? {} : { age: found.age }) }
}

const nothing = (stamp: string): RenderedDocument => ({ stamp, parts: new Map(), weight: 0 })

async function nameDocument(
  context: RegistryContext,
  rule: string,
  document: NameDocument<any>,
  key: string,
): Promise<RenderedDocument | undefined> {
  const { core, format, source } = context
  const found = await readableName(context, key)
  if (!found) return undefined
  const { owner } = found
  const mixed = found.mixed && (await mixedFor(context, found))
  const stamp = mixed ? stampOfMixed(mixed) : `${owner.id}.${owner.revision}`
  const seen = mixed ? `/${[...mixed.readable].join('+')}` : ''
  return core.documents.get(`${format.id}/${source.key}/${rule}/${owner.id}${seen}`, stamp, async () => {
    const name = await loadedName(context, found)
    const parts = await document.encode(name, { links: linksOf(context), changedAt: name.changedAt })
    return parts ? renderParts(stamp, parts) : nothing(stamp)
  })
}

async function indexDocument(
  context: RegistryContext,
  rule: string,
  document: IndexDocument<any>,
  key: string,
): Promise<FromUpstream | undefined> {
  const { core, format, source, principal, generation } = context
  const view = await viewOf(core, generation(), principal, await source.gathered())
  const hosted = await core.kept.get(
    `index/${format.id}/${source.key}/${rule}/${view.key}/${key}`,
    generation(),
    async () => indexStamp(await seenBy(context), rule, key),
  )
  const remote = await entriesFromUpstream(context, rule, document, key)
  if (hosted.stamp === '' && !remote) return undefined
  const stamp = `${hosted.stamp}${remote ? `/${remote.stamp}` : ''}`
  const cacheKey = `${format.id}/${source.key}/${rule}/${key}/${view.key}`
  const rendered = await core.documents.get(cacheKey, stamp, async () => {
    const own =
      hosted.stamp === '' ? [] : await indexEntries(await seenBy(context), rule, key, view.projectIds)
    const entries = remote ? withRemote(key, own, remote.entries) : own
    const parts = await document.encode(key, entries, {
      links: linksOf(context),
      changedAt: new Date(Math.max(hosted.changedAt, remote?.changedAt ?? 0)),
    })
    return parts ? renderParts(stamp, parts) : nothing(stamp)
  })
  return { rendered, ...(remote?.age === undefined ? {} : { age: remote.age }) }
}

/** Ours go first. */
function withRemote(key: string, own: readonly Entry[], remote: readonly RemoteEntry[]): readonly Entry[] {
  const byId = new Map(remote.map(({ id, text }): [string, Entry] => [id, { key, id, text }]))
  for (const entry of own) byId.set(entry.id, entry)
  return [...byId.values()].sort((a, b) => Buffer.compare(Buffer.from(a.id), Buffer.from(b.id)))
}

function linksOf({ core, source }: RegistryContext): Links {
  return createLinks(core.config.publicUrl, source.prefix)
}
