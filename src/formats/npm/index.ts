/** npm: the registry protocol of npm, pnpm, Yarn, Bun and Deno. See README.md. */
import type { Format, Route } from '../format.ts'
import { access } from './access.ts'
import { auditBulk, auditQuick, auditTree } from './audit.ts'
import { unpublishAll, unpublishTarball, updatePackument } from './changes.ts'
import { describe } from './describe.ts'
import { install } from './install.ts'
import { login, logout, ping, webLogin, whoami } from './login.ts'
import { decodeManifest, type NpmModels } from './manifest.ts'
import { normalizeName, ownerOf } from './names.ts'
import { exchangePath, exchangeToken } from './oidc.ts'
import { packument } from './packument.ts'
import { attestations, keys, readAttestations, readKeys } from './provenance.ts'
import { readName, readTarball } from './read.ts'
import { search } from './search.ts'
import { deleteTag, listTags, setTag, setTags } from './tags.ts'
import { publish } from './upload.ts'
import { upstream } from './upstream.ts'
import { versionRules } from './versions.ts'

const routes: readonly Route<NpmModels>[] = [
  { method: 'GET', path: '/-/ping', needs: 'nothing', run: ping },
  { method: 'GET', path: '/-/whoami', needs: 'nothing', run: whoami },
  { method: 'POST', path: '/-/v1/login', needs: 'nothing', signIn: true, run: webLogin },
  { method: 'PUT', path: '/-/user/:user', needs: 'nothing', signIn: true, run: login },
  { method: 'DELETE', path: '/-/user/token/:token', needs: 'nothing', run: logout },
  { method: 'POST', path: exchangePath, needs: 'nothing', signIn: true, run: exchangeToken },
  { method: 'GET', path: '/-/v1/search', needs: 'read', run: search },
  { method: 'POST', path: '/-/npm/v1/security/advisories/bulk', needs: 'read', run: auditBulk },
  { method: 'POST', path: '/-/npm/v1/security/audits/quick', needs: 'read', run: auditQuick },
  { method: 'POST', path: '/-/npm/v1/security/audits', needs: 'read', run: auditTree },
  { method: 'GET', path: '/-/npm/v1/keys', needs: 'read', run: readKeys },
  { method: 'GET', path: '/-/npm/v1/attestations/:spec+', needs: 'read', run: readAttestations },
  { method: 'GET', path: '/-/package/:name+/dist-tags', needs: 'read', run: listTags },
  { method: 'PUT', path: '/-/package/:name+/dist-tags', needs: 'publish', run: setTags },
  { method: 'POST', path: '/-/package/:name+/dist-tags', needs: 'publish', run: setTags },
  { method: 'PUT', path: '/-/package/:name+/dist-tags/:tag', needs: 'publish', run: setTag },
  { method: 'POST', path: '/-/package/:name+/dist-tags/:tag', needs: 'publish', run: setTag },
  { method: 'DELETE', path: '/-/package/:name+/dist-tags/:tag', needs: 'publish', run: deleteTag },
  { method: 'GET', path: '/:name+/-/:file+', needs: 'read', run: readTarball },
  { method: 'DELETE', path: '/:name+/-/:file+/-rev/:rev', needs: 'delete', run: unpublishTarball },
  // The verbs used authorise removing and deprecating; whoever may publish may ask.
  { method: 'PUT', path: '/:name+/-rev/:rev', needs: 'publish', run: updatePackument },
  { method: 'DELETE', path: '/:name+/-rev/:rev', needs: 'delete', run: unpublishAll },
  { method: 'PUT', path: '/:name+', needs: 'publish', run: publish },
  { method: 'GET', path: '/:path+', needs: 'read', run: readName },
]

export const npm: Format<NpmModels> = {
  id: 'npm',
  title: 'npm',
  names: { normalize: normalizeName, owner: ownerOf },
  versions: versionRules,
  metadata: { package: decodeManifest },
  digests: ['sha1', 'sha512'],
  maxFileSize: 500 * 1024 * 1024,
  duplicates: 'never',
  access,
  routes,
  rootRoutes: [{ method: 'POST', path: exchangePath, needs: 'nothing', signIn: true, run: exchangeToken }],
  documents: { packument, keys, attestations },
  upstream,
  describe,
  install,
}
