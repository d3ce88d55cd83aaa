/** The README's first page, followed word by word in a fresh checkout under the machine's own Node. */
import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, readFileSync } from 'node:fs'
import { delimiter, dirname, join, resolve } from 'node:path'
import { answers, freePort } from './support/server.ts'
import { story, type Home } from './support/story.ts'

const root = resolve(import.meta.dirname, '../..')
const address = '127.0.0.1:8080'

story("the README's quick start publishes and installs a package", ['npm', 'git'], async (home) => {
  const [install = '', start = '', ...rest] = quickStart()
  assert.ok(install.includes('npm ci') && start.includes('npm start') && rest.length > 2)
  checkOut(join(home.dir, 'checkout'))
  const listen = `127.0.0.1:${await freePort()}`
  const env = { PATH: machinePath(), ENTREPOT_LISTEN: listen, npm_config_registry: machineRegistry() }

  const initialised = await home.run('bash', ['-ec', install], { in: 'checkout', env, timeoutMs: 240_000 })
  const token = /ept_\w+/.exec(initialised.stdout)?.[0]
  assert.ok(token, initialised.transcript)

  await whileServing(home, start, env, async () => {
    const second = rest.join('\n').replaceAll(address, listen).replace('the-token-that-init-printed', token)
    const { stdout } = await home.run('bash', ['-ec', second], { in: 'checkout', env: { PATH: env.PATH } })
    assert.equal(stdout.trimEnd().split('\n').at(-1), 'hello')
  })
})

/** The shell examples between the heading and the next, in order. */
function quickStart(): string[] {
  const readme = readFileSync(join(root, 'README.md'), 'utf8')
  const section = /\n## Quick start\n(.*?)\n## /s.exec(readme)?.[1] ?? ''
  return [...section.matchAll(/```sh\n(.*?)```/gs)].map(([, block]) => block!)
}

/** What a clone would hold, with what is not committed yet. */
function checkOut(to: string): void {
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
  })
  for (const file of listed.split('\0').filter((name) => name !== '')) {
    mkdirSync(dirname(join(to, file)), { recursive: true })
    cpSync(join(root, file), join(to, file))
  }
}

/** PATH without what npm put in front of it for this run. */
function machinePath(): string {
  const all = (process.env['PATH'] ?? '').split(delimiter)
  return all
    .filter((folder) => !folder.includes('node_modules') && !folder.includes('node-gyp-bin'))
    .join(delimiter)
}

const machineRegistry = () => execFileSync('npm', ['config', 'get', 'registry'], { encoding: 'utf8' }).trim()

async function whileServing(
  home: Home,
  command: string,
  env: Record<string, string>,
  work: () => Promise<void>,
): Promise<void> {
  const child = spawn('bash', ['-ec', command], {
    cwd: join(home.dir, 'checkout'),
    env: { ...env, HOME: home.dir },
    detached: true,
  })
  const log: string[] = []
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => log.push(String(text)))
  try {
    await answers(`http://${env['ENTREPOT_LISTEN']}/-/health`, child, log)
    await work()
  } finally {
    process.kill(-child.pid!, 'SIGTERM')
    await once(child, 'exit')
  }
}
