import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join, resolve } from 'node:path'
import { answers, end, freePort, startServer } from './server.ts'
import type { Server } from './server.ts'

/** Gives a server of its own, behind nginx, which serves it under `/packages`; both are gone afterwards. */
export async function withServerBehindNginx(use: (server: Server) => Promise<void>): Promise<void> {
  const port = await freePort()
  const server = await startServer({ ENTREPOT_PUBLIC_URL: `http://127.0.0.1:${port}/packages` })
  try {
    await withNginx({ upstream: server.url, port }, (url) => use({ url, token: server.token }))
  } finally {
    await server.stop()
  }
}

export interface NginxOptions {
  /** The server behind, or several of them. */
  readonly upstream: string | readonly string[]
  readonly port: number
  /** Makes another configuration of the usual one. */
  readonly alter?: (configuration: string) => string
}

/** Gives nginx in front of a server that serves `/packages`. */
export async function withNginx(options: NginxOptions, use: (url: string) => Promise<void>): Promise<void> {
  const nginx = await openNginx({ ...options, path: '/packages/' })
  try {
    await use(`http://127.0.0.1:${options.port}/packages`)
  } finally {
    await nginx.close()
  }
}

/** Starts nginx, which serves what is behind it under `path`. */
export async function openNginx({
  upstream,
  port,
  path,
  alter = (text) => text,
}: NginxOptions & { readonly path: string }): Promise<{ close(): Promise<void> }> {
  const dir = await mkdtemp(join(tmpdir(), 'entrepot-nginx-'))
  const remove = () => rm(dir, { recursive: true, force: true })
  try {
    for (const folder of temporaryFolders) await mkdir(join(dir, folder))
    const fromTheGuide = fromGuide({ port, path, nodes: [upstream].flat() })
    await writeFile(join(dir, 'nginx.conf'), alter(configuration(dir, fromTheGuide)))
    const nginx = await startNginx(dir, `http://127.0.0.1:${port}${path}-/health`)
    return { close: () => end(nginx).finally(remove) }
  } catch (error) {
    await remove()
    throw error
  }
}
const program = 'nginx'
const temporaryFolders = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']

async function startNginx(dir: string, health: string): Promise<ChildProcess> {
  const env = { ...process.env, PATH: [process.env['PATH'], '/usr/sbin'].join(delimiter) }
  const args = ['-p', dir, '-c', join(dir, 'nginx.conf'), '-e', join(dir, 'error.log')]
  const nginx = spawn(program, args, { env, stdio: ['ignore', 'inherit', 'pipe'] })
  const log: string[] = []
  nginx.stderr.setEncoding('utf8').on('data', (text: string) => log.push(text))
  await once(nginx, 'spawn')
  await answers(health, nginx, log)
  return nginx
}

const guide = resolve(import.meta.dirname, '../../../docs/deployment/nginx.conf')

interface Place {
  readonly port: number
  readonly path: string
  readonly nodes: readonly string[]
}

/** What the guide tells people to use, with addresses of ours, without TLS, under a path. */
function fromGuide({ port, path, nodes }: Place): string {
  const servers = nodes.map((node) => `\n  server ${new URL(node).host} max_fails=1 fail_timeout=5s;`)
  const text = readFileSync(guide, 'utf8')
  const changes: readonly [RegExp, string][] = [
    [/(\n  server [\d.]+:8080 [^;]*;)+/, servers.join('')],
    [/\n  listen 443 ssl;\n  listen \[::\]:443 ssl;/, `\n  listen 127.0.0.1:${port};`],
    [/\n  ssl_certificate [^\n]*\n  ssl_certificate_key [^\n]*/, ''],
    [/location \/ \{/, `location ${path} {`],
  ]
  return changes.reduce((changed, [what, by]) => {
    if (!what.test(changed)) throw new Error(`${guide} has no ${what}`)
    return changed.replace(what, by)
  }, text)
}

function configuration(dir: string, server: string): string {
  return `daemon off;
user root;
worker_processes 1;
pid ${dir}/nginx.pid;
error_log stderr warn;
events { worker_connections 1024; }
http {
  access_log off;
  ${temporaryFolders.map((folder) => `${folder}_temp_path ${dir}/${folder};`).join('\n  ')}
  ${server}
}
`
}
