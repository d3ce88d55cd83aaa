import type { Format, Reply, Route, WriteCall } from '../format.ts'
import { access } from './access.ts'
import { describe } from './describe.ts'
import { install } from './install.ts'
import { decodeFile, decodeSettings, type DebianModels } from './models.ts'
import { nameRules } from './names.ts'
import { readFile, removeFile } from './pool.ts'
import { readsSuite } from './read.ts'
import { settingsRule } from './settings.ts'
import { suite } from './suite.ts'
import { versionRules } from './versions.ts'

/** What unpacks packages is loaded by the first upload. */
async function upload(call: WriteCall<DebianModels>): Promise<Reply> {
  const publishing = await import('./upload.ts')
  return publishing.upload(call)
}

const routes: readonly Route<DebianModels>[] = [
  readsSuite('InRelease'),
  readsSuite('Release'),
  readsSuite('Release.gpg'),
  readsSuite('key.asc'),
  readsSuite(':component/debian-installer/binary-:architecture/:file'),
  readsSuite(':component/debian-installer/binary-:architecture/by-hash/SHA256/:sha256'),
  readsSuite(':component/binary-:architecture/:file'),
  readsSuite(':component/binary-:architecture/by-hash/SHA256/:sha256'),
  readsSuite(':component/source/:file'),
  readsSuite(':component/source/by-hash/SHA256/:sha256'),
  readsSuite(':component/Contents-:architecture'),
  // Behind the others: it would take what stands before `source` for a part of the suite.
  readsSuite(':component/by-hash/SHA256/:sha256'),
  { method: 'GET', path: '/pool/:path+', needs: 'read', run: readFile },
  { method: 'DELETE', path: '/pool/:path+', needs: 'delete', run: removeFile },
  { method: 'PUT', path: '/:file', needs: 'publish', run: upload },
]

/** Debian repositories, as apt reads them and curl and dput fill them. See README.md. */
export const debian: Format<DebianModels> = {
  id: 'debian',
  title: 'Debian',
  names: nameRules,
  versions: versionRules,
  metadata: { file: decodeFile, index: decodeSettings },
  digests: ['md5'],
  maxFileSize: 3 * 1024 ** 3,
  // Who has an index that names other bytes could not install.
  duplicates: 'never',
  access,
  routes,
  documents: { suite },
  indexSettings: settingsRule,
  describe,
  install,
}
