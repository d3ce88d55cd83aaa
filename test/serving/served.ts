/** `entrepot serve` as operators run it, with everything it says. */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { createActor, type Actor } from '../actor.ts'

export interface Served {
  readonly url: string
  readonly pid: number
  /** The directory with `entrepot.yml`, which belongs to this server alone. */
  readonly dir: string
  /** An administrator. */
  readonly root: Actor
  /** Lines of the log. */
  readonly log: readonly LogLine[]
  /** Everything it wrote, to both outputs. */
  readonly said: readonly string[]
  /** The address of uploads of generic files to a project of its own, without a slash at the end; none over https. */
  readonly files: string
  signal(name: NodeJS.Signals): void
  /** Waits for a line with this message. */
  logged(message: string): Promise<LogLine>
  /** The exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>
  /** Ends it if it runs, and removes its data. */
  remove(): Promise<void>
}
export type LogLine = Readonly<Record<string, any>> & { readonly msg: string }

const launcher = resolve(import.meta.dirname, '../../entrepot.mjs')
const patienceMs = 30_000

/** Starts it on a free loopback port with new data; `yaml` is its configuration file. */
export async function startServed(yaml = '', env: Readonly<Record<string, string>> = {}): Promise<Served> {
  const dir = await mkdtemp(join(tmpdir(), 'entrepot-served-'))
  await writeFile(join(dir, 'entrepot.yml'), yaml)
  const environment = {
    PATH: process.env['PATH'],
    TMPDIR: process.env['TMPDIR'],
    ENTREPOT_LISTEN: '127.0.0.1:0',
    ENTREPOT_DATA: join(dir, 'data'),
    ENTREPOT_CONFIG: join(dir, 'entrepot.yml'),
    ...env,
  }
  const init = await promisify(execFile)(process.execPath, [launcher, 'init', '--json'], {
    cwd: dir,
    env: environment,
  })
  const { token } = JSON.parse(init.stdout) as { token: string }
  const child = spawn(process.execPath, [launcher, 'serve'], {
    cwd: dir,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const said: string[] = []
  const log: LogLine[] = []
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      said.push(line)
      if (line.startsWith('{')) log.push(JSON.parse(line) as LogLine)
    })
  }
  const ended = once(child, 'exit').then(([code, signal]) => (signal ?? code) as number | NodeJS.Signals)
  const until = async <T>(look: () => T | undefined, what: string): Promise<T> => {
    for (let waited = 0; waited < patienceMs; waited += 20) {
      const found = look()
      if (found !== undefined) return found
      if (child.exitCode !== null) break
      await sleep(20)
    }
    throw new Error(`${what} did not come:\n${said.join('\n')}`)
  }
  const remove = async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
    await ended
    await rm(dir, { recursive: true, force: true })
  }
  const address = () => /^Entrepot serves (\S+) /m.exec(said.join('\n'))?.[1]
  const url = await until(address, 'the address').catch(async (error: unknown) => {
    await remove()
    throw error
  })
  const root = createActor(url, { id: 1, username: 'root', token })
  const files = url.startsWith('https:') ? '' : await makeProject(root)
  return {
    url,
    pid: child.pid!,
    dir,
    root,
    log,
    said,
    files,
    signal: (name) => void child.kill(name),
    logged: (message) => until(() => log.find(({ msg }) => msg === message), `"${message}"`),
    ended,
    remove,
  }
}

async function makeProject(root: Actor): Promise<string> {
  const group = await root.json('POST', '/api/v4/groups', { name: 'acme', path: 'acme' })
  const wish = { name: 'app', path: 'app', namespace_id: group.id }
  const project = await root.json('POST', '/api/v4/projects', wish)
  return `${project._links.self}/packages/generic`
}
