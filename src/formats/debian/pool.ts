/** Where files lie. */
import { notFound } from '../../lib/problem.ts'
import { fileOr404 } from '../handlers.ts'
import type { ReadCall, Reply, WriteCall } from '../format.ts'
import type { DebianModels } from './models.ts'

export interface Place {
  /** The suite's key. */
  readonly distribution: string
  readonly name: string
  readonly version: string
}

/** The folder that a package's files of one suite share: `pool/bookworm/libf/libfoo1/1.0-1`. */
export function poolFolder({ distribution, name, version }: Place): string {
  return `pool/${distribution}/${prefixOf(name)}/${name}/${version}`
}

/** As Debian's own pool is divided: `f` for `foo`, `libf` for `libfoo1`. */
const prefixOf = (name: string) => /^lib./.exec(name)?.[0] ?? name.charAt(0)

export const fileNameOf = (path: string) => path.slice(path.lastIndexOf('/') + 1)

/** `GET /pool/:path+`. */
export async function readFile({ registry, params }: ReadCall<DebianModels>): Promise<Reply> {
  return fileOr404(await registry.file(pathOf(params)))
}

/** `DELETE /pool/:path+`, 204. */
export async function removeFile({ registry, params }: WriteCall<DebianModels>): Promise<Reply> {
  const file = await registry.file(pathOf(params))
  if (!file) throw notFound('404 Package Not Found')
  await registry.remove(file.name, { versions: [file.version], paths: [file.path] })
  return { status: 204 }
}

const pathOf = (params: Readonly<Record<string, string>>) => `pool/${params['path']!}`
