/** The end of an upload: a .changes names what came before it, and all of that is published at once. */
import { invalid } from '../../lib/problem.ts'
import { readBytes } from '../handlers.ts'
import type { Blob, Publication, Reply, WriteCall } from '../format.ts'
import { created } from './access.ts'
import { readBinary, type Part } from './binary.ts'
import { readFileName, type BinaryKind } from './file-names.ts'
import { bring, componentOf, type Upload } from './incoming.ts'
import { isBinary, type DebianModels } from './models.ts'
import { fileNameOf, poolFolder } from './pool.ts'
import { suiteKey } from './read.ts'
import { maxSourceFile, readSourceFile, type ListedFile, type SourceFile } from './source-files.ts'
import { sourceParts } from './source-package.ts'
import { checkComponent, checkSuite } from './suite-names.ts'

/** 201. Throws 400 where a file is missing, is another one, or does not belong to this upload. */
export async function publishChanges(
  { registry, request }: WriteCall<DebianModels>,
  fileName: string,
): Promise<Reply> {
  const bytes = Buffer.from(await readBytes(request.body, maxSourceFile))
  const changes = readSourceFile('changes', bytes)
  const component = request.query.get('component')
  const suite = checkSuite(request.query.get('distribution') ?? onlySuite(changes))
  const upload: Upload = {
    registry,
    changes,
    distribution: await suiteKey(registry, suite),
    component: component === null ? undefined : checkComponent(component),
  }
  const parts = await partsOf(upload)
  parts.push(beside(parts[0]!, 'changes', fileName, await registry.stage(bytes)))
  const [first, ...more] = publications(parts)
  await registry.publish(first!, ...more)
  return created()
}

function onlySuite({ distributions }: SourceFile): string {
  const [suite, another] = distributions
  if (suite === undefined || another !== undefined)
    throw invalid(`the .changes file is for ${distributions.join(' and ')}: say for which, ?distribution=`)
  return suite
}

/** The source package, then binary packages, then what tells how they were built. */
async function partsOf(upload: Upload): Promise<Part[]> {
  const { files } = upload.changes
  const kindOf = ({ name }: ListedFile) => readFileName(name)?.kind
  const [dsc, another] = files.filter((file) => kindOf(file) === 'dsc')
  if (another) throw invalid('the .changes file lists two source packages')
  const parts = dsc ? [...(await sourceParts(upload, dsc))] : []
  const taken = new Set(parts.map(({ file }) => fileNameOf(file.path)))
  const rest = files.filter(({ name }) => !taken.has(name))
  const binaries = rest.flatMap((listed) => {
    const kind = kindOf(listed)
    return kind && isBinary(kind) ? [{ listed, kind }] : []
  })
  for (const { listed, kind } of binaries) parts.push(await binaryPart(upload, listed, kind))
  const [first] = parts
  if (!first) throw invalid('the .changes file lists no package')
  for (const listed of rest) {
    const kind = kindOf(listed)
    if (kind && isBinary(kind)) continue
    if (kind !== 'buildinfo')
      throw invalid(`${listed.name} is neither a package nor part of the source package that is listed`)
    parts.push(await bring(upload, listed, first.name, (blob) => beside(first, kind, listed.name, blob)))
  }
  return parts
}

async function binaryPart(upload: Upload, listed: ListedFile, kind: BinaryKind): Promise<Part> {
  const { distribution, changes } = upload
  const name = listed.name.slice(0, listed.name.indexOf('_'))
  return bring(upload, listed, name, async (blob) => {
    const part = await readBinary(blob, kind, { distribution, component: componentOf(upload, listed) })
    const fileName = fileNameOf(part.file.path)
    if (fileName !== listed.name) throw invalid(`${listed.name} is ${fileName} by its control file`)
    if (part.source !== changes.source)
      throw invalid(`${fileName} was built from ${part.source}, not from ${changes.source}`)
    return part
  })
}

/** A file that tells about an upload stands beside the first package of it. */
function beside(
  { name, version, file: { metadata } }: Part,
  kind: 'changes' | 'buildinfo',
  fileName: string,
  blob: Blob,
): Part {
  const { distribution, component } = metadata
  const path = `${poolFolder({ distribution, name, version })}/${fileName}`
  return { name, version, file: { path, blob, metadata: { v: 1, kind, distribution, component } } }
}

/** In the order of the parts. */
function publications(parts: readonly Part[]): readonly Publication<DebianModels>[] {
  const packages = Map.groupBy(parts, ({ name, version }) => `${name} ${version}`)
  return [...packages.values()].map((all) => ({
    name: all[0]!.name,
    version: all[0]!.version,
    mode: 'add',
    files: all.map(({ file }) => file),
  }))
}
