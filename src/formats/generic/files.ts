import { invalid, notFound } from '../../lib/problem.ts'
import { fileOr404 } from '../handlers.ts'
import type { FileView, ReadCall, RegistryReader, Reply, WriteCall } from '../format.ts'

const fileName = /^(?!~)[A-Za-z0-9._\-+~]+(?<!~)$/
const sha256 = /^[0-9a-f]{64}$/i

type Params = Readonly<Record<string, string>>

function pathOf({ name, version, path }: Params): string {
  for (const segment of path!.split('/')) {
    if (segment.length > 255 || !fileName.test(segment)) {
      throw invalid(
        `file name ${JSON.stringify(segment.slice(0, 100))} is not allowed: it must match ${fileName.source}`,
      )
    }
  }
  return `${name}/${version}/${path}`
}

/** GET: the file, with its sha256 in a header; version `latest` stands for the newest where no version is called so. */
export async function download({ params, registry }: ReadCall<{}>): Promise<Reply> {
  const path = pathOf(params)
  const file =
    (await registry.file(path)) ?? (params.version === 'latest' ? await newest(registry, params) : undefined)
  if (!file) return fileOr404(file)
  return { file, headers: { 'x-checksum-sha256': file.digests.sha256! } }
}

async function newest(
  registry: RegistryReader<{}>,
  { name, path }: Params,
): Promise<FileView<{}> | undefined> {
  const pkg = (await registry.find(name!))?.packages.at(-1)
  return pkg && registry.file(`${name}/${pkg.version}/${path}`)
}

/** PUT: stores the body; `?status=hidden`, `?select=package_file` and X-Checksum-SHA256 as in GitLab. */
export async function upload({ params, request, registry }: WriteCall<{}>): Promise<Reply> {
  const path = pathOf(params)
  const { name, version } = params as { name: string; version: string }
  const status = statusFrom(request.query)
  const wantsFile = selectsFile(request.query)
  const expected = request.headers['x-checksum-sha256']
  if (expected !== undefined && !sha256.test(expected))
    throw invalid('X-Checksum-SHA256 must be 64 hexadecimal digits')
  const blob = await registry.stage(request.body, expected === undefined ? {} : { sha256: expected })
  const pkg = await registry.publish({
    name,
    version,
    mode: 'add',
    status,
    files: [{ path, blob, metadata: {} }],
  })
  if (!wantsFile) return { status: 201, json: { message: '201 Created' } }
  const file = pkg.files.find((one) => one.path === path)!
  return { status: 201, json: packageFile(file) }
}

function statusFrom(query: URLSearchParams): 'default' | 'hidden' {
  const status = query.get('status') ?? 'default'
  if (status !== 'default' && status !== 'hidden')
    throw invalid('status does not have a valid value: default or hidden')
  return status
}

function selectsFile(query: URLSearchParams): boolean {
  const select = query.get('select')
  if (select !== null && select !== 'package_file')
    throw invalid('select does not have a valid value: package_file')
  return select !== null
}

function packageFile(file: FileView<{}>) {
  const at = file.createdAt.toISOString()
  return {
    id: file.id,
    package_id: file.packageId,
    created_at: at,
    updated_at: at,
    size: file.size,
    file_name: file.path.split('/').slice(2).map(encodeURIComponent).join('%2F'),
    file_md5: file.digests.md5 ?? null,
    file_sha1: file.digests.sha1 ?? null,
    file_sha256: file.digests.sha256 ?? null,
    status: 'default',
  }
}

/** DELETE: one file; the version goes with its last. */
export async function remove({ params, registry }: WriteCall<{}>): Promise<Reply> {
  const file = await registry.file(pathOf(params))
  if (!file) throw notFound('404 Package Not Found')
  await registry.remove(file.name, { versions: [file.version], paths: [file.path] })
  return { status: 204 }
}
