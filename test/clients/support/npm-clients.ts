import type { Home } from './story.ts'

/** A registry as an npm client is pointed to it. */
export interface NpmRegistry {
  /** No slash at the end. */
  readonly url: string
  /** Without '@'. */
  readonly scope: string
  /** Left out: anonymous. */
  readonly token?: string
}
/** As npm itself can be pointed to it, too. */
export interface NpmAccess extends NpmRegistry {
  /** The token is sent as Basic, with this user name; left out: as Bearer. */
  readonly username?: string
}
export interface NpmClient {
  readonly command: string
  /** Writes the client's own settings into a folder. */
  configure(home: Home, folder: string, registry: NpmRegistry): void
  /** Arguments that add a package to the project in the folder. */
  add(spec: string): readonly string[]
  /** What it says when the answer was 401. */
  readonly unauthorized: RegExp
}

/** What npm, pnpm and deno read; yarn 1 takes the token from it. */
export function writeNpmrc(home: Home, folder: string, { url, scope, token, username }: NpmAccess): void {
  const lines = [`registry=${url}/`, `@${scope}:registry=${url}/`, 'update-notifier=false', 'fund=false']
  const basic = username && Buffer.from(`${username}:${token}`).toString('base64')
  const credential = basic ? `_auth=${basic}` : `_authToken=${token}`
  if (token !== undefined) lines.push(`//${new URL(url).host}${new URL(url).pathname}/:${credential}`)
  home.write(`${folder}/.npmrc`, `${lines.join('\n')}\n`)
}

const npm: NpmClient = {
  command: 'npm',
  unauthorized: /E401|ENEEDAUTH/,
  configure: writeNpmrc,
  add: (spec) => ['install', '--no-audit', spec],
}
const pnpm: NpmClient = {
  command: 'pnpm',
  unauthorized: /401/,
  configure(home, folder, registry) {
    writeNpmrc(home, folder, registry)
    home.write(`${folder}/pnpm-workspace.yaml`, `minimumReleaseAge: 0\nupdateNotifier: false\n`)
  },
  add: (spec) => ['add', spec],
}
const yarn1: NpmClient = {
  command: 'yarn1',
  unauthorized: /401|unauthorized/i,
  configure(home, folder, registry) {
    writeNpmrc(home, folder, registry)
    const lines = [`registry "${registry.url}/"`, `"@${registry.scope}:registry" "${registry.url}/"`]
    home.write(`${folder}/.yarnrc`, [...lines, 'disable-self-update-check true', ''].join('\n'))
  },
  add: (spec) => ['--non-interactive', 'add', spec],
}
const berry: NpmClient = {
  command: 'berry',
  unauthorized: /401|authenticat/i,
  configure(home, folder, { url, scope, token }) {
    const lines = [
      'nodeLinker: node-modules',
      'enableTelemetry: false',
      'enableGlobalCache: false',
      'unsafeHttpWhitelist: ["127.0.0.1"]',
      // Berry refuses what was published only just now.
      `npmPreapprovedPackages: ["@${scope}/*"]`,
      `npmRegistryServer: "${url}"`,
      'npmScopes:',
      `  "${scope}":`,
      `    npmRegistryServer: "${url}"`,
      `    npmPublishRegistry: "${url}"`,
    ]
    if (token !== undefined) {
      const credential = [`npmAuthToken: "${token}"`, 'npmAlwaysAuth: true']
      lines.push(...credential.map((line) => `    ${line}`), ...credential)
    }
    home.write(`${folder}/.yarnrc.yml`, `${lines.join('\n')}\n`)
    // Without a lock file it looks for a project further up.
    home.write(`${folder}/yarn.lock`, '')
  },
  add: (spec) => ['add', spec],
}
const bun: NpmClient = {
  command: 'bun',
  unauthorized: /401/,
  configure(home, folder, { url, scope, token }) {
    const credential = token === undefined ? '' : `, token = "${token}"`
    const lines = [
      '[install]',
      `registry = { url = "${url}/"${credential} }`,
      '[install.scopes]',
      `"${scope}" = { url = "${url}/"${credential} }`,
    ]
    home.write(`${folder}/bunfig.toml`, `${lines.join('\n')}\n`)
  },
  add: (spec) => ['add', spec],
}
const deno: NpmClient = {
  command: 'deno',
  // Deno takes every refusal for a package that does not exist.
  unauthorized: /401|was not found/,
  configure: writeNpmrc,
  add: (spec) => ['add', '--minimum-dependency-age=0', `npm:${spec}`],
}

/** Every client that installs npm packages. */
export const npmClients: readonly NpmClient[] = [npm, pnpm, yarn1, berry, bun, deno]
export const publishers = { npm, pnpm, berry, bun }

/** An empty project that a client adds packages to. */
export function writeApp(home: Home, folder: string): void {
  home.write(`${folder}/package.json`, `{"name":"app","version":"1.0.0","private":true}`)
}

/** A package whose `main` says its own version and those of what it depends on. */
export function writePackage(home: Home, folder: string, manifest: NpmManifest): void {
  const needed = Object.keys(manifest.dependencies ?? {})
  const said = needed.map((name) => ` + ' on ' + require('${name}')`).join('')
  home.write(`${folder}/package.json`, JSON.stringify({ main: 'index.js', license: 'MIT', ...manifest }))
  home.write(`${folder}/index.js`, `module.exports = '${manifest.name} ${manifest.version}'${said}\n`)
  home.write(`${folder}/README.md`, `# ${manifest.name}\n`)
}
export interface NpmManifest {
  readonly name: string
  readonly version: string
  readonly description?: string
  readonly keywords?: readonly string[]
  readonly dependencies?: Readonly<Record<string, string>>
}

/** Publishes with npm itself, from a folder that is made for it. */
export async function npmPublish(
  home: Home,
  registry: NpmAccess,
  manifest: NpmManifest,
  ...args: readonly string[]
): Promise<void> {
  const folder = `publish/${manifest.name}-${manifest.version}`
  writePackage(home, folder, manifest)
  writeNpmrc(home, folder, registry)
  await home.run('npm', ['publish', ...args], { in: folder })
}

/** What the `main` of an installed package says. */
export async function saidBy(home: Home, folder: string, name: string): Promise<string> {
  const { stdout } = await home.run('node', ['-p', `require('${name}')`], { in: folder })
  return stdout.trim()
}
