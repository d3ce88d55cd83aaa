import { basicAccess, choice, fileOr404, matching, packageFile } from '../handlers.ts'
import type { Format, ReadCall, Reply, WriteCall } from '../format.ts'

const fileName = matching('file name', /^(?!~)[A-Za-z0-9._\-+~]+(?<!~)$/)
const sha256 = matching('X-Checksum-SHA256', /^[0-9a-f]{64}$/i)
type Params = Readonly<Record<string, string>>

const pathOf = ({ name, version, path }: Params) =>
  `${name}/${version}/${path!.split('/').map(fileName).join('/')}`

async function download({ params, registry }: ReadCall<{}>): Promise<Reply> {
  const exact = await registry.file(pathOf(params))
  const newest =
    exact || params.version !== 'latest' ? undefined : (await registry.find(params.name!))?.packages.at(-1)
  const file = newest ? await registry.file(pathOf({ ...params, version: newest.version })) : exact
  return { ...fileOr404(file), headers: { 'x-checksum-sha256': file?.digests.sha256 ?? '' } }
}

async function upload({ params, request, registry }: WriteCall<{}>): Promise<Reply> {
  const path = pathOf(params)
  const status = choice(request.query, 'status', ['default', 'hidden'])
  const select = choice(request.query, 'select', ['message', 'package_file'])
  const announced = request.headers['x-checksum-sha256']
  const blob = await registry.stage(
    request.body,
    announced === undefined ? {} : { sha256: sha256(announced) },
  )
  const { name, version } = params as { name: string; version: string }
  const pkg = await registry.publish({
    name,
    version,
    mode: 'add',
    status,
    files: [{ path, blob, metadata: {} }],
  })
  if (select === 'message') return { status: 201, json: { message: '201 Created' } }
  const file = pkg.files.find((one) => one.path === path)!
  return { status: 201, json: packageFile(file, encodeURIComponent(params.path!)) }
}

async function remove({ params, registry }: WriteCall<{}>): Promise<Reply> {
  await registry.remove(params.name!, { versions: [params.version!], paths: [pathOf(params)] })
  return { status: 204 }
}

/** Files of any kind under a name and a version. */
export const generic: Format<{}> = {
  id: 'generic',
  title: 'Generic',
  names: { normalize: matching('package name', /^[A-Za-z0-9._\-+]+$/) },
  versions: { normalize: matching('package version', /^(?!.*\.\.)[\w+.-]+$/) },
  metadata: {},
  maxFileSize: 5 * 1024 ** 3,
  duplicates: 'allowed',
  access: basicAccess,
  routes: [
    { method: 'GET', path: '/:name/:version/:path+', needs: 'read', run: download },
    { method: 'PUT', path: '/:name/:version/:path+', needs: 'publish', run: upload },
    { method: 'DELETE', path: '/:name/:version/:path+', needs: 'delete', run: remove },
  ],
  describe: ({ name, version }) => ({ name, version }),
  install({ links, package: pkg }) {
    const url = links.to(pkg ? `/${pkg.name}/${pkg.version}/FILE` : '/NAME/VERSION/FILE')
    const text = (what: string) => `curl --header "PRIVATE-TOKEN: $TOKEN" ${what} "${url}"`
    return [
      { title: 'Download a file', language: 'shell', text: text('-O') },
      { title: 'Upload a file', language: 'shell', text: text('--upload-file FILE') },
    ]
  },
}
