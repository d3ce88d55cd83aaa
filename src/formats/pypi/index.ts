import type { Format, Reply, Route, WriteCall } from '../format.ts'
import { access } from './access.ts'
import { describe } from './describe.ts'
import { companionOf } from './file-names.ts'
import { readFile, readMetadataFile, readProvenance } from './files.ts'
import { install } from './install.ts'
import { project, readProjectJson, readReleaseJson } from './json-api.ts'
import { decodeFile, decodeProject, decodeRelease, type PypiModels } from './models.ts'
import { normalizeName, spellPattern } from './names.ts'
import { projects, readProject, readProjects, simple } from './simple.ts'
import { versionRules } from './versions.ts'
import { restoreFile, restoreRelease, setStatus, yankFile, yankRelease } from './yank.ts'

/** What reads forms and archives is loaded by the first upload. */
async function upload(call: WriteCall<PypiModels>): Promise<Reply> {
  const publishing = await import('./upload.ts')
  return publishing.upload(call)
}

const routes: readonly Route<PypiModels>[] = [
  { method: 'POST', path: '/', needs: 'publish', run: upload },
  { method: 'GET', path: '/simple', needs: 'read', run: readProjects },
  { method: 'GET', path: '/simple/', needs: 'read', run: readProjects },
  { method: 'GET', path: '/simple/:name', needs: 'read', run: readProject },
  { method: 'GET', path: '/simple/:name/', needs: 'read', run: readProject },
  { method: 'GET', path: '/files/:sha256/:file.metadata', needs: 'read', run: readMetadataFile },
  { method: 'GET', path: '/files/:sha256/:file', needs: 'read', run: readFile },
  { method: 'GET', path: '/integrity/:name/:version/:file/provenance', needs: 'read', run: readProvenance },
  { method: 'GET', path: '/pypi/:name/json', needs: 'read', run: readProjectJson },
  { method: 'GET', path: '/pypi/:name/:version/json', needs: 'read', run: readReleaseJson },
  // The verbs used ask for more: whoever may delete what others published.
  { method: 'PUT', path: '/yank/:name/:version', needs: 'delete', run: yankRelease },
  { method: 'DELETE', path: '/yank/:name/:version', needs: 'delete', run: restoreRelease },
  { method: 'PUT', path: '/yank/:name/:version/:file', needs: 'delete', run: yankFile },
  { method: 'DELETE', path: '/yank/:name/:version/:file', needs: 'delete', run: restoreFile },
  { method: 'PUT', path: '/project-status/:name', needs: 'delete', run: setStatus },
]

/** PyPI: the simple index and the upload API, as pip, uv, twine, Poetry and flit speak them. See README.md. */
export const pypi: Format<PypiModels> = {
  id: 'pypi',
  title: 'PyPI',
  names: { normalize: normalizeName, spell: spellPattern },
  versions: versionRules,
  metadata: { package: decodeRelease, file: decodeFile, name: decodeProject },
  digests: ['md5'],
  maxFileSize: 3 * 1024 ** 3,
  duplicates: 'never',
  companionOf,
  access,
  routes,
  documents: { simple, project, projects },
  describe,
  install,
}
