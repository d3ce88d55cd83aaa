import type { Format } from '../format.ts'
import { basicAccess } from '../handlers.ts'
import { describe, install } from './describe.ts'
import { get } from './download.ts'
import { metadata, plugins } from './metadata.ts'
import { decodeFile, decodePackage } from './models.ts'
import type { MavenModels } from './models.ts'
import { buildOf, normalizeName, spellPattern } from './paths.ts'
import { put } from './upload.ts'
import { upstream } from './upstream.ts'
import { compareVersions, isPrerelease, normalizeVersion } from './versions.ts'

/** Maven 2 repositories, as mvn, Gradle, sbt and Ivy read and write them. */
export const maven: Format<MavenModels> = {
  id: 'maven',
  title: 'Maven',
  // at instance level a name starts with the path of its project
  names: { normalize: normalizeName, spell: spellPattern, owner: (name) => name },
  versions: { normalize: normalizeVersion, compare: compareVersions, isPrerelease },
  metadata: { package: decodePackage, file: decodeFile },
  digests: ['md5', 'sha1', 'sha512'],
  maxFileSize: 3 * 1024 ** 3,
  duplicates: 'never',
  buildOf,
  access: basicAccess,
  routes: [
    { method: 'GET', path: '/:path+', needs: 'read', run: get },
    { method: 'PUT', path: '/:path+', needs: 'publish', run: put },
  ],
  documents: { metadata, plugins },
  upstream,
  describe,
  install,
}
