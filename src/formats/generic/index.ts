import { basicAccess, matching } from '../handlers.ts'
import type { Format } from '../format.ts'
import { download, remove, upload } from './files.ts'

const name = matching('package name', /^[A-Za-z0-9._\-+]+$/)
const version = matching('package version', /^(?!.*\.\.)[\w+.-]+$/)

/** Files of any kind under a name and a version. */
export const generic: Format<{}> = {
  id: 'generic',
  title: 'Generic',
  names: { normalize: name },
  versions: { normalize: version },
  metadata: {},
  digests: ['md5', 'sha1'],
  maxFileSize: 5 * 1024 ** 3,
  duplicates: 'allowed',
  access: basicAccess,
  routes: [
    { method: 'GET', path: '/:name/:version/:path+', needs: 'read', run: download },
    { method: 'PUT', path: '/:name/:version/:path+', needs: 'publish', run: upload },
    { method: 'DELETE', path: '/:name/:version/:path+', needs: 'delete', run: remove },
  ],
  describe: (pkg) => ({ name: pkg.name, version: pkg.version }),
  install({ links, package: pkg }) {
    const at = pkg ? `${pkg.name}/${pkg.version}` : 'NAME/VERSION'
    const header = '--header "PRIVATE-TOKEN: $TOKEN"'
    return [
      { title: 'Download a file', language: 'shell', text: `curl ${header} -O "${links.to(`/${at}/FILE`)}"` },
      {
        title: 'Upload a file',
        language: 'shell',
        text: `curl ${header} --upload-file FILE "${links.to(`/${at}/FILE`)}"`,
      },
    ]
  },
}
