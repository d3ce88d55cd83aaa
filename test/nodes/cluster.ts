/** Several servers on one database and one bucket, with nginx in front of them: each a process of its own, on loopback. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { answers, end, freePort } from '../clients/support/server.ts'
import { startServer, type ServerProcess } from '../faults/process.ts'
import { startPostgres, type PostgresServer } from './postgres.ts'
import { startVersitygw, type S3Server } from './versitygw.ts'

export interface ClusterOptions {
  readonly nodes: number
  /** Settings of every node, as `ENTREPOT_...` variables. */
  readonly env?: Readonly<Record<string, string>>
  /** Whether the database's commits survive a power cut. */
  readonly durable?: boolean
}

export interface Cluster {
  /** nginx, which asks one node after the other; no slash at the end. */
  readonly url: string
  /** An administrator's. */
  readonly token: string
  readonly nodes: readonly ServerProcess[]
  readonly postgres: PostgresServer
  readonly s3: S3Server
  readonly bucket: string
  /** The address of the database. */
  readonly database: string
  /** Starts another node like the others; the caller ends it. */
  another(env?: Readonly<Record<string, string>>): Promise<ServerProcess>
  stop(): Promise<void>
}

const bucket = 'packages'

/** Starts database, bucket, nodes (the first one makes the administrator and the project `acme/app`) and nginx. */
export async function startCluster({ nodes: count, env = {}, durable }: ClusterOptions): Promise<Cluster> {
  const dir = await mkdtemp(join(tmpdir(), 'entrepot-cluster-'))
  const undo: (() => Promise<unknown>)[] = [() => rm(dir, { recursive: true, force: true })]
  const stop = async () => {
    while (undo.length > 0) await undo.pop()!()
  }
  try {
    const postgres = await startPostgres(durable ? { durable } : {})
    undo.push(() => postgres.stop())
    const s3 = await startVersitygw()
    undo.push(() => s3.stop())
    await s3.makeBucket(bucket)
    const database = await postgres.createDatabase()
    const port = await freePort()
    const url = `http://127.0.0.1:${port}`
    const settings = {
      ENTREPOT_DATABASE: database,
      ENTREPOT_DATABASE_CONNECTIONS: '10',
      ENTREPOT_PUBLIC_URL: url,
      ...s3.settings(bucket),
      ...env,
    }
    let made = 0
    const another = async (more = {}) => {
      const data = join(dir, `node-${++made}`)
      const node = await startServer({ data, env: { ...settings, ...more } })
      undo.push(() => node!.kill())
      return node!
    }
    const nodes = [await another()]
    while (nodes.length < count) nodes.push(await another())
    const nginx = await startBalancer(join(dir, 'nginx'), port, nodes)
    undo.push(() => end(nginx))
    return { url, token: nodes[0]!.token, nodes, postgres, s3, bucket, database, another, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

const temporaryFolders = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']

async function startBalancer(
  dir: string,
  port: number,
  nodes: readonly ServerProcess[],
): Promise<ChildProcess> {
  await mkdir(dir)
  await chmod(dir, 0o755)
  for (const folder of temporaryFolders) await mkdir(join(dir, folder))
  await writeFile(join(dir, 'nginx.conf'), configuration(dir, port, nodes))
  const env = { ...process.env, PATH: [process.env['PATH'], '/usr/sbin'].join(delimiter) }
  const args = ['-p', dir, '-c', join(dir, 'nginx.conf'), '-e', join(dir, 'error.log')]
  const nginx = spawn('nginx', args, { env, stdio: ['ignore', 'inherit', 'pipe'] })
  const log: string[] = []
  nginx.stderr.setEncoding('utf8').on('data', (text: string) => log.push(text))
  await once(nginx, 'spawn')
  await answers(`http://127.0.0.1:${port}/-/health`, nginx, log)
  return nginx
}

function configuration(dir: string, port: number, nodes: readonly ServerProcess[]): string {
  const servers = nodes.map((node) => `server ${new URL(node.url).host} max_fails=1 fail_timeout=2s;`)
  return `daemon off;
${process.getuid?.() === 0 ? 'user root;' : ''}
worker_processes 1;
pid ${dir}/nginx.pid;
error_log stderr crit;
events { worker_connections 1024; }
http {
  access_log off;
  ${temporaryFolders.map((folder) => `${folder}_temp_path ${dir}/${folder};`).join('\n  ')}
  client_max_body_size 0;
  upstream nodes {
    ${servers.join('\n    ')}
    keepalive 64;
  }
  server {
    listen 127.0.0.1:${port};
    merge_slashes off;
    location / {
      proxy_pass http://nodes;
      proxy_http_version 1.1;
      proxy_request_buffering off;
      proxy_buffering off;
      proxy_set_header Connection "";
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_set_header X-Forwarded-Proto $scheme;
    }
  }
}
`
}
