/** What installers ask for: packuments, single manifests and tarballs. */
import { fileOr404 } from '../handlers.ts'
import type { PackageView, ReadCall, RegistryReader, Reply } from '../format.ts'
import { notFound } from '../../lib/problem.ts'
import { remember } from '../../lib/remember.ts'
import { manifestTexts } from './manifest-text.ts'
import type { NpmModels } from './manifest.ts'
import { readableName, splitPath } from './names.ts'
import { abbreviatedType } from './packument.ts'
import { distTags } from './tags.ts'

/** `GET /:name`, or `GET /:name/:version` where a segment is left behind the name. */
export async function readName(call: ReadCall<NpmModels>): Promise<Reply> {
  const { name, rest } = splitPath(call.params.path ?? '')
  const readable = readableName(name)
  if (rest !== '') return manifestReply(call, readable, rest)
  const part = prefersAbbreviated(call.request.headers.accept) ? 'short' : ''
  return { document: ['packument', readable, part], headers: { vary: 'Accept' } }
}

async function manifestReply(call: ReadCall<NpmModels>, name: string, wanted: string): Promise<Reply> {
  const pkg = await findVersion(call.registry, name, wanted)
  const text = pkg && manifestTexts(pkg, call.links)?.full
  if (!text) throw notFound(`version not found: ${wanted.slice(0, 250)}`)
  return { text, headers: { 'content-type': 'application/json; charset=utf-8' } }
}

async function findVersion(
  registry: RegistryReader<NpmModels>,
  name: string,
  wanted: string,
): Promise<PackageView<NpmModels> | undefined> {
  const found = await registry.get(name, wanted)
  if (found || wanted !== 'latest') return found
  // Nobody set the tag: it shows the highest release.
  const view = await registry.find(name)
  const latest = view && distTags(view).latest
  return view?.packages.find((pkg) => pkg.version === latest)
}

/** `GET <name>/-/hello-1.0.0.tgz`; the file may repeat the scope, as GitLab's addresses do. */
export async function readTarball({ registry, params }: ReadCall<NpmModels>): Promise<Reply> {
  const name = readableName(params.name ?? '')
  const { scope, base, rest } = splitPath(params.file ?? '')
  const fits = rest === '' && (scope === '' || scope === splitPath(name).scope)
  return fileOr404(fits ? await registry.file(`${name}/-/${base}`) : undefined)
}

/** Whether an Accept header (RFC 9110 section 12.5.1) wants the abbreviated form at least as much as plain JSON. */
export function prefersAbbreviated(accept = ''): boolean {
  return prefers(accept)
}

const prefers = remember((accept) => {
  const short = quality(accept, abbreviatedType)
  return short > 0 && short >= quality(accept, 'application/json')
})

function quality(accept: string, type: string): number {
  for (const range of accept.slice(0, 1000).toLowerCase().split(',')) {
    const [name, ...parameters] = range.split(';').map((part) => part.trim())
    if (name !== type) continue
    const q = parameters.find((parameter) => parameter.startsWith('q='))
    return q ? Number(q.slice(2)) || 0 : 1
  }
  return 0
}
