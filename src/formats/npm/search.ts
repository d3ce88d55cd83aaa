/** `GET /-/v1/search`: names by text. */
import type { NameView, ReadCall, Reply } from '../format.ts'
import { objectOf, textOf, textsOf } from './json-values.ts'
import { parseManifest, type NpmModels } from './manifest.ts'
import { splitPath } from './names.ts'
import { distTags } from './tags.ts'

const maxSize = 250
/** npm's registry shows no popularity or quality of ours: all results count the same. */
const score = { final: 1, detail: { quality: 1, popularity: 1, maintenance: 1 } }

/** Answers `{objects, total}`; `text`, `size` (at most 250) and `from` as npm's registry. */
export async function search({ registry, request }: ReadCall<NpmModels>): Promise<Reply> {
  const terms = termsOf(request.query.get('text') ?? '')
  const size = numberOf(request.query.get('size'), 20, maxSize)
  const offset = numberOf(request.query.get('from'), 0, 10_000)
  const { found, total } = await findAll(registry, terms, { offset, limit: size })
  const objects = found.flatMap((name) => objectOfName(name))
  return { json: { objects, total } }
}

/** The registry looks for one text; further words narrow down what the longest finds. */
async function findAll(
  registry: ReadCall<NpmModels>['registry'],
  terms: readonly string[],
  page: { readonly offset: number; readonly limit: number },
) {
  const [longest = '', ...others] = terms.toSorted((a, b) => b.length - a.length)
  if (others.length === 0) return registry.search(longest, page)
  const { found } = await registry.search(longest, { offset: 0, limit: maxSize })
  const fitting = found.filter((name) => others.every((term) => name.name.includes(term)))
  return { found: fitting.slice(page.offset, page.offset + page.limit), total: fitting.length }
}

/** Words of the query in lower case; `scope:acme` is the name's beginning, other qualifiers say nothing here. */
function termsOf(text: string): readonly string[] {
  const words = text.slice(0, 250).toLowerCase().split(/\s+/).filter(Boolean)
  const scopes = words
    .filter((word) => word.startsWith('scope:'))
    .map((word) => `@${word.slice(6).replace(/^@/, '')}/`)
  return [...scopes, ...words.filter((word) => !/^[a-z-]+:/.test(word))]
}

function numberOf(text: string | null, otherwise: number, most: number): number {
  return text !== null && /^\d{1,9}$/.test(text) ? Math.min(Number(text), most) : otherwise
}

function objectOfName(name: NameView<NpmModels>): readonly object[] {
  const { latest } = distTags(name)
  const pkg = name.packages.find((candidate) => candidate.version === latest)
  if (!pkg) return []
  const manifest = parseManifest(pkg.metadata)
  const { scope } = splitPath(name.name)
  const publisher = textOf(objectOf(manifest._npmUser).name)
  const shown = {
    name: name.name,
    scope: scope === '' ? 'unscoped' : scope.slice(1),
    version: pkg.version,
    description: textOf(manifest.description) ?? '',
    keywords: textsOf(manifest.keywords),
    date: pkg.publishedAt,
    links: { ...(textOf(manifest.homepage) && { homepage: manifest.homepage }) },
    ...(publisher !== undefined && { publisher: { username: publisher } }),
    maintainers: publisher === undefined ? [] : [{ username: publisher }],
  }
  return [{ package: shown, score, searchScore: 1, flags: {} }]
}
