/** A JavaScript project of many hundred packages: what popular tools need. */
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { run } from '../../clients/support/command.ts'
import { installedIn } from '../installed-files.ts'
import { timed, type From, type RealProject } from './project.ts'

const tools = (
  'express jest webpack webpack-cli webpack-dev-server eslint mocha browserify gulp nodemon ' +
  '@babel/core @babel/preset-env postcss-cli stylelint lerna-changelog'
).split(' ')

/** The machine's settings hold, but for what would make the runs differ. */
const always = (
  '--ignore-scripts --no-audit --no-fund --legacy-peer-deps --no-progress ' +
  '--omit-lockfile-registry-resolved=false --prefer-online=false'
).split(' ')
const environment = process.env as Record<string, string>

export const npmProject: RealProject = {
  format: 'npm',
  least: 600,
  address: async () => (await ask('registry')).replace(/\/$/, ''),
  authorities: async () => {
    const file = await ask('cafile')
    return file === 'null' || file === 'undefined' || file === '' ? undefined : file
  },
  async compose(folder, from) {
    await mkdir(folder, { recursive: true })
    await writeFile(join(folder, 'package.json'), '{"name":"app","version":"1.0.0","private":true}')
    await npm(folder, from, ['install', '--package-lock-only', ...tools])
    return neutral(await readFile(join(folder, 'package-lock.json'), 'utf8'), from)
  },
  async install(composed, folder, from) {
    await mkdir(folder, { recursive: true })
    await copyFile(join(composed, 'package.json'), join(folder, 'package.json'))
    const lock = await readFile(join(composed, 'package-lock.json'), 'utf8')
    await writeFile(join(folder, 'package-lock.json'), pointedTo(lock, from))
    const { took } = await timed(() => npm(folder, from, ['ci']))
    return { took, files: installedIn(join(folder, 'node_modules')) }
  },
  async count(composed) {
    const lock = JSON.parse(await readFile(join(composed, 'package-lock.json'), 'utf8'))
    return Object.values<{ resolved?: string }>(lock.packages).filter(({ resolved }) => resolved).length
  },
}

async function ask(setting: string): Promise<string> {
  const { stdout } = await run('npm', ['config', 'get', setting], { cwd: '/', env: environment })
  return stdout.trim()
}

async function npm(folder: string, { url, token }: From, args: readonly string[]): Promise<void> {
  const own = ['--cache', join(folder, '.cache')]
  if (token !== undefined) {
    const settings = join(folder, '.npmrc-ours')
    const { host, pathname } = new URL(url)
    await writeFile(settings, `registry=${url}/\n//${host}${pathname}/:_authToken=${token}\n`)
    own.push('--userconfig', settings)
  }
  await run('npm', [...args, ...always, ...own], { cwd: folder, env: environment, timeoutMs: 600_000 })
}

/** A lock file without the address that its packages come from. */
const neutral = (lock: string, { url }: From) => lock.replaceAll(`"resolved": "${url}/`, '"resolved": "/')

/** A lock file whose packages come from there: they stand at the same paths everywhere. */
const pointedTo = (lock: string, { url }: From) =>
  lock.replace(
    /"resolved": "https?:\/\/[^"]*?\/((?:@[^/"]+\/)?[^/"]+\/-\/[^"]+)"/g,
    `"resolved": "${url}/$1"`,
  )
