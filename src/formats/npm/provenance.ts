/**
 * What `npm audit signatures` asks for, which only registries elsewhere have: their public keys, and the attestations of
 * a version (Sigstore bundles). Both are read, checked and written again, with every member as it was.
 */
import type { DocumentPart, PassedDocument, ReadCall, Reply } from '../format.ts'
import { access } from './access.ts'
import { isObject, textOf, type JsonObject } from './json-values.ts'
import { parseExactly, type JsonLimits } from './json-text.ts'
import type { NpmModels } from './manifest.ts'
import { isRemoteName, packageNotFound } from './names.ts'
import { readVersion } from './versions.ts'

const limits: JsonLimits = { bytes: 16 * 1024 * 1024, depth: 64, values: 200_000 }
const maxItems = 1000

/** The keys of all upstreams, in their order; of two with one `keyid` the first one's stands. */
export const keys: PassedDocument = {
  of: 'upstream',
  about: () => undefined,
  pass(bodies) {
    const found = documentsIn(bodies, 'keys', 'keyid')
    const byId = new Map<unknown, JsonObject>()
    for (const { items } of found) for (const key of items) if (!byId.has(key.keyid)) byId.set(key.keyid, key)
    return onePart({ ...found[0]?.document, keys: [...byId.values()] })
  },
}

/** The attestations of `name@version`: those of the first upstream that has them. */
export const attestations: PassedDocument = {
  of: 'upstream',
  about: (key) => readSpec(key)?.name,
  pass: (bodies) => onePart(documentsIn(bodies, 'attestations', 'predicateType')[0]?.document),
}

/** Also where a name that is missing is 401: npm goes on after 404 only, and nothing of ours is hidden behind it. */
const otherwise = access.error({ status: 404, code: 'not_found', message: '404 Not Found' })

/** `GET /-/npm/v1/keys`; npm takes 404 as "this registry signs nothing". */
export function readKeys(): Reply {
  return { document: ['keys', ''], otherwise }
}

/** `GET /-/npm/v1/attestations/@acme/hello@1.0.0`, with `%2f` in the name or not. */
export function readAttestations({ params }: ReadCall<NpmModels>): Reply {
  const spec = readSpec(params.spec ?? '')
  if (!spec) throw packageNotFound()
  return { document: ['attestations', `${spec.name}@${spec.version}`], otherwise }
}

/** Takes `@acme/hello@1.0.0` apart; undefined if it is no name and version. */
export function readSpec(spec: string): { readonly name: string; readonly version: string } | undefined {
  const at = spec.lastIndexOf('@')
  const name = spec.slice(0, Math.max(at, 0))
  const version = readVersion(spec.slice(at + 1))
  return version !== undefined && isRemoteName(name) ? { name, version } : undefined
}

interface Listing {
  readonly document: JsonObject
  readonly items: readonly JsonObject[]
}

/** Those bodies that are such documents. Throws an `Error` if none is. */
function documentsIn(bodies: readonly Uint8Array[], field: string, id: string): readonly Listing[] {
  const errors: unknown[] = []
  const found = bodies.flatMap((body) => {
    try {
      return [listingIn(body, field, id)]
    } catch (error) {
      errors.push(error)
      return []
    }
  })
  if (found.length === 0) throw errors[0] ?? new Error(`there are no ${field}`)
  return found
}

function listingIn(body: Uint8Array, field: string, id: string): Listing {
  const document = parseExactly(body, `the document of ${field}`, limits)
  const items = document[field]
  if (!Array.isArray(items) || items.length > maxItems)
    throw new Error(`${field} is not a list of at most ${maxItems}`)
  for (const item of items)
    if (!isObject(item) || textOf(item[id]) === undefined) throw new Error(`one of ${field} has no ${id}`)
  return { document, items }
}

function onePart(document: JsonObject | undefined): readonly DocumentPart[] {
  const contentType = 'application/json; charset=utf-8'
  return [{ path: '', contentType, body: JSON.stringify(document) }]
}
