import type { DocumentRule, Entry, IndexDocument, Links, NameDocument } from '../../formats/format.ts'
import { viewOf } from '../access/view.ts'
import type { RegistryContext } from '../registry/context.ts'
import { createLinks } from '../registry/links.ts'
import { mixedFor, stampOfMixed } from '../registry/mixing.ts'
import { loadedName, readableName } from '../registry/names.ts'
import { indexEntries, indexStamp } from './entries.ts'
import { renderParts, type RenderedDocument, type RenderedPart } from './rendered.ts'

/**
 * One part of a document as this caller sees it, as fresh as the request's generation; undefined: there is none.
 * Throws an `Error` for a rule the format does not have.
 */
export async function documentPart(
  context: RegistryContext,
  rule: string,
  key: string,
  part = '',
): Promise<RenderedPart | undefined> {
  const document = context.format.documents?.[rule]
  if (!document) throw new Error(`format ${context.format.id} has no document rule ${rule}`)
  const rendered = await documentOf(context, rule, document, key)
  return rendered?.parts.get(part)
}

function documentOf(context: RegistryContext, rule: string, document: DocumentRule<any>, key: string) {
  if (document.of === 'name') return nameDocument(context, rule, document, key)
  if (document.of === 'packages') return indexDocument(context, rule, document, key)
  return undefined
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
): Promise<RenderedDocument | undefined> {
  const { core, format, source, principal, generation } = context
  const view = await viewOf(core, generation(), principal, await source.gathered())
  const { stamp, changedAt } = await core.kept.get(
    `index/${format.id}/${source.key}/${rule}/${view.key}/${key}`,
    generation(),
    () => indexStamp(context, rule, key),
  )
  if (stamp === '') return undefined
  const cacheKey = `${format.id}/${source.key}/${rule}/${key}/${view.key}`
  return core.documents.get(cacheKey, stamp, async () => {
    const entries: readonly Entry[] = await indexEntries(context, rule, key, view.projectIds)
    const parts = await document.encode(key, entries, {
      links: linksOf(context),
      changedAt: new Date(changedAt),
    })
    return parts ? renderParts(stamp, parts) : nothing(stamp)
  })
}

function linksOf({ core, source }: RegistryContext): Links {
  return createLinks(core.config.publicUrl, source.prefix)
}
