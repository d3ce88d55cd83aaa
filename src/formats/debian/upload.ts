/** PUT: packages that say where they go, and the files of an upload that a .changes ends. */
import { invalid } from '../../lib/problem.ts'
import type { Reply, WriteCall } from '../format.ts'
import { created } from './access.ts'
import { readBinary } from './binary.ts'
import { publishChanges } from './changes.ts'
import { isFileName, readFileName, type BinaryKind, type DebianFileName } from './file-names.ts'
import { isBinary, type DebianModels } from './models.ts'
import { suiteKey } from './read.ts'
import { checkComponent, checkSuite } from './suite-names.ts'

type Call = WriteCall<DebianModels>

/** 201, as GitLab answers. Throws 400 for a file that is not what its name says. */
export async function upload(call: Call): Promise<Reply> {
  const { params, request, registry } = call
  const { fileName, kind } = uploaded(params['file']!)
  if (kind === 'changes') return publishChanges(call, fileName)
  const asked = request.query.get('distribution')
  if (asked === null) return hold(call, fileName)
  if (!isBinary(kind))
    throw invalid(`${fileName} is published by the .changes that names it: upload it without a distribution`)
  const component = checkComponent(request.query.get('component') ?? 'main')
  const distribution = await suiteKey(registry, checkSuite(asked))
  const blob = await registry.stage(request.body)
  const { name, version, file } = await readBinary(blob, kind, { distribution, component })
  await registry.publish({ name, version, mode: 'add', files: [file] })
  return created()
}

/** A package that comes by itself may have any name: it is kept under the one that its control file gives it. */
function uploaded(text: string): Pick<DebianFileName, 'fileName' | 'kind'> {
  const known = readFileName(text)
  if (known) return known
  const kind = /\.(u?deb|ddeb)$/.exec(text)?.[1]
  if (kind === undefined || !isFileName(text))
    throw invalid(`${JSON.stringify(text.slice(0, 100))} is not the name of a file of a Debian package`)
  return { fileName: text, kind: kind as BinaryKind }
}

/** dput sends these one by one, and the .changes that names them last. */
async function hold({ registry, request }: Call, fileName: string): Promise<Reply> {
  await registry.hold(fileName, await registry.stage(request.body))
  return created(
    '201 Created - kept for a day, until a .changes names it; a package is published at once with ?distribution=',
  )
}
