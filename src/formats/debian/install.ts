/** Lines to paste for apt, curl and dput. */
import type { InstallTarget, Snippet } from '../format.ts'

export function install({ links, level, package: pkg }: InstallTarget): readonly Snippet[] {
  const url = links.to('/').replace(/\/$/, '')
  const snippets: Snippet[] = [
    {
      title: 'The key that signs (once)',
      language: 'shell',
      text: fetchKey(links.to('/dists/SUITE/key.asc')),
    },
    { title: '/etc/apt/sources.list.d/entrepot.sources', language: 'ini', text: sources(url) },
    { title: '/etc/apt/auth.conf.d/entrepot.conf', language: 'ini', text: credentials(url) },
  ]
  if (level === 'project') snippets.push(...publishing(links, url))
  if (!pkg) return snippets
  const text = `sudo apt update && sudo apt install ${pkg.name}=${pkg.version}`
  return [{ title: 'apt', language: 'shell', text }, ...snippets]
}

const key = '/etc/apt/keyrings/entrepot.asc'

const fetchKey = (url: string) =>
  `curl --fail --user "USER:$ENTREPOT_TOKEN" "${url}" | sudo tee ${key} >/dev/null`

const sources = (url: string) =>
  `Types: deb\nURIs: ${url}\nSuites: SUITE\nComponents: main\nSigned-By: ${key}\n`

const credentials = (url: string) => `machine ${url}/\nlogin USER\npassword TOKEN\n`

function publishing(links: InstallTarget['links'], url: string): readonly Snippet[] {
  const target = links.to('/FILE.deb', { distribution: 'SUITE', component: 'main' })
  const upload = `curl --fail --user "USER:$ENTREPOT_TOKEN" --upload-file FILE.deb "${target}"`
  return [
    { title: 'Publish a package', language: 'shell', text: upload },
    { title: 'dput.cf, for dput entrepot FILE.changes', language: 'ini', text: dputConfig(new URL(url)) },
  ]
}

/** A percent sign begins a reference there. */
const dputConfig = ({ protocol, host, pathname }: URL) =>
  [
    '[entrepot]',
    `method = ${protocol.replace(':', '')}`,
    `fqdn = ${host}`,
    `incoming = ${pathname.replaceAll('%', '%%')}`,
    'login = USER',
    'allow_unsigned_uploads = 1',
    '',
  ].join('\n')
