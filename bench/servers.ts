/** The two that are compared: ours, and nginx with one worker serving files; both on loopback with new data. */
import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { delimiter, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { answers, end, freePort } from '../test/clients/support/server.ts'

export interface MeasuredServer {
  readonly port: number
  /** The process that answers requests. */
  readonly pid: number
  stop(): Promise<void>
}

export interface OurServer extends MeasuredServer {
  readonly url: string
  /** The administrator's. */
  readonly token: string
  /** Where it keeps everything. */
  readonly data: string
}

const launcher = resolve(import.meta.dirname, '../entrepot.mjs')
const runFile = promisify(execFile)
const program = 'nginx'

/** Starts `entrepot serve` with its data in `dir`; its processor profile is written to `profile` when it stops. */
export async function startOurs(dir: string, profile: string | undefined): Promise<OurServer> {
  const port = await freePort()
  const data = join(dir, 'data')
  const env = {
    ...process.env,
    ENTREPOT_LISTEN: `127.0.0.1:${port}`,
    ENTREPOT_DATA: data,
    ENTREPOT_ACCESS__ANONYMOUS: 'true',
    ENTREPOT_LOG__LEVEL: 'warn',
  }
  const { stdout } = await runFile(process.execPath, [launcher, 'init', '--json'], { cwd: dir, env })
  const { token } = JSON.parse(stdout) as { token: string }
  const flags = profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${resolve(profile)}`]
  const child = spawn(process.execPath, [...flags, launcher, 'serve'], { cwd: dir, env })
  const url = `http://127.0.0.1:${port}`
  await started(child, `${url}/-/health`)
  return { url, port, pid: child.pid!, token, data, stop: () => end(child) }
}

export interface FileServer extends MeasuredServer {
  /** Makes a file available at `/<name>`; `name.gz` is sent to clients that take gzip. */
  put(name: string, bytes: Uint8Array): Promise<void>
}

/** Starts nginx on an empty directory below `dir`. Throws, saying what to install, if there is none. */
export async function startNginx(dir: string): Promise<FileServer> {
  const port = await freePort()
  const files = join(dir, 'files')
  await mkdir(files)
  await writeFile(join(files, 'ready'), 'ready')
  await writeFile(join(dir, 'nginx.conf'), nginxConfiguration(dir, files, port))
  const env = { ...process.env, PATH: [process.env['PATH'], '/usr/sbin'].join(delimiter) }
  const arguments_ = ['-p', dir, '-c', join(dir, 'nginx.conf'), '-e', join(dir, 'error.log')]
  const child = spawn(program, arguments_, { env })
  await once(child, 'spawn').catch((error: Error) => {
    throw new Error(`cannot run nginx (${error.message}): bash test/clients/setup installs it`)
  })
  await started(child, `http://127.0.0.1:${port}/ready`)
  return {
    port,
    pid: await workerOf(child.pid!),
    put: (name, bytes) => writeFile(join(files, name), bytes),
    stop: () => end(child),
  }
}

async function started(child: ChildProcess, url: string): Promise<void> {
  const log: string[] = []
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => log.push(text))
  }
  await answers(url, child, log)
}

async function workerOf(master: number): Promise<number> {
  const children = await readFile(`/proc/${master}/task/${master}/children`, 'latin1')
  return Number(children.trim().split(' ')[0])
}

/** Debian's own settings for speed; connections stay open for the whole run. */
function nginxConfiguration(dir: string, files: string, port: number): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  return `daemon off;
worker_processes 1;
user root;
pid ${dir}/nginx.pid;
error_log stderr warn;
events { worker_connections 768; }
http {
  sendfile on;
  tcp_nopush on;
  gzip_static on;
  access_log off;
  keepalive_requests 1000000000;
  default_type application/octet-stream;
  ${temporary.map((folder) => `${folder}_temp_path ${dir}/${folder};`).join('\n  ')}
  server {
    listen 127.0.0.1:${port};
    root ${files};
  }
}
`
}
