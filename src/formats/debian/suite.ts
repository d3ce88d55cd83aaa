/** A suite: the lists of its packages in every component and architecture, and the signed Release that covers them. */
import type { IndexSet, Joined, PackageView, SetBody } from '../format.ts'
import type { SetContents, SetEntry, SetPart, SetTools } from '../format.ts'
import { contents } from './contents.ts'
import { isBinary, type DebianModels } from './models.ts'
import { orderKey } from './order.ts'
import { releaseText } from './release.ts'
import { binaryStanza, namedFiles, sourceStanza, type PlacedFile } from './stanza.ts'
import { planSuite } from './suite-plan.ts'

export const suite: IndexSet<DebianModels> = {
  of: 'set',
  entries,
  encode,
  validSeconds: (settings) => settings?.validSeconds,
  insides: contents,
}

function entries({ files, name, version }: PackageView<DebianModels>): readonly SetEntry[] {
  const id = `${name} ${orderKey(version)}`
  const paths = new Set(files.map(({ path }) => path))
  return files.flatMap((file): SetEntry[] => {
    const { kind, distribution: key, component, architecture = 'all' } = file.metadata
    if (isBinary(kind)) {
      const folder = kind === 'udeb' ? 'debian-installer/' : ''
      const list = `${component}/${folder}binary-${architecture}`
      return [{ key, list, id: `${id} ${architecture}`, text: binaryStanza(file) }]
    }
    // One of its files may have been removed by itself: nobody could unpack the rest.
    if (kind !== 'dsc' || !namedPaths(file).every((path) => paths.has(path))) return []
    return [{ key, list: `${component}/source`, id, text: sourceStanza(file) }]
  })
}

function namedPaths({ path, metadata }: PlacedFile): readonly string[] {
  const folder = path.slice(0, path.lastIndexOf('/'))
  return namedFiles(metadata.fields).map(({ name }) => `${folder}/${name}`)
}

async function encode(
  codename: string,
  { lists, settings, alias, insides }: SetContents<DebianModels>,
  { join, keys, changedAt }: SetTools,
): Promise<readonly SetPart[]> {
  const { components, architectures, indexes } = planSuite(lists, settings)
  const parts: IndexPart[] = []
  for (const { folder, file, from } of indexes) parts.push(...formsOf(folder, file, await join(from)))
  for (const [path, joined] of insides) {
    const slash = path.lastIndexOf('/')
    parts.push(...formsOf(path.slice(0, slash), path.slice(slash + 1), joined))
  }
  const files = parts.map(({ path, body: { size, sha256 } }) => ({ path, size, sha256 }))
  const facts = { codename, alias, settings, date: changedAt, components, architectures, files }
  const text = releaseText(facts)
  const signature = 'application/pgp-signature'
  return [
    ...parts,
    { path: 'Release', contentType: plainText, body: text },
    { path: 'Release.gpg', contentType: signature, body: await keys.sign(text, 'detached') },
    { path: 'InRelease', contentType: plainText, body: await keys.sign(text, 'inline') },
    { path: 'key.asc', contentType: 'application/pgp-keys', body: keys.publicKeys },
  ]
}

const plainText = 'text/plain; charset=utf-8'
type IndexPart = SetPart & { readonly body: SetBody }

/** apt takes whichever it can unpack best, by its digest. */
function formsOf(folder: string, file: string, { plain, gzip, zstd }: Joined): readonly IndexPart[] {
  const form = (suffix: string, contentType: string, body: SetBody): IndexPart => ({
    path: `${folder}/${file}${suffix}`,
    lasting: `${folder}/by-hash/SHA256/${body.sha256}`,
    contentType,
    body,
  })
  return [
    form('', plainText, plain),
    form('.gz', 'application/gzip', gzip),
    form('.zst', 'application/zstd', zstd),
  ]
}
