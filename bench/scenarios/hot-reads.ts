/** A packument of 100 versions and a tarball of 10 KB that everybody asks for: ours beside nginx serving the same bytes. */
import { randomBytes } from 'node:crypto'
import { request, type IncomingMessage } from 'node:http'
import { once } from 'node:events'
import { head } from '../load/http-head.ts'
import type { Load } from '../load/requests.ts'
import { npmPublication } from '../npm-publication.ts'
import { put, registryPath } from '../registry-calls.ts'
import { median, type Row, type Side } from '../report.ts'
import type { MeasuredServer } from '../servers.ts'
import type { Bench } from './scenario.ts'

const name = 'measured'
const versions = 100
const tarballSize = 10 * 1024
const connections = 32

interface Hot {
  readonly name: string
  readonly ourPath: string
  readonly nginxPath: string
  readonly headers: Readonly<Record<string, string>>
  /** As they come on the wire. */
  readonly body: Buffer
}

export async function hotReads(bench: Bench): Promise<Row[]> {
  const hot = await prepare(bench)
  const pairs = hot.map((what) => {
    const authorization = { Authorization: `Bearer ${bench.ours.token}` }
    return {
      without: measured(`${what.name}, no token`, what, what.headers),
      withToken: measured(`${what.name}, token`, what, { ...what.headers, ...authorization }),
    }
  })
  for (let round = 0; round < bench.rounds; round++) {
    for (const one of pairs.flatMap(({ without, withToken }) => [without, withToken])) {
      one.ours.push(await read(bench, bench.ours, one.what.ourPath, one.headers, one.what.body))
      one.nginx.push(await read(bench, bench.nginx, one.what.nginxPath, one.headers, one.what.body))
    }
  }
  return pairs.flatMap(({ without, withToken }) => [
    row(without),
    { ...row(withToken), tokenCost: tokenCost(withToken.ours, without.ours) },
  ])
}

interface Measured {
  readonly name: string
  readonly what: Hot
  readonly headers: Readonly<Record<string, string>>
  readonly ours: Load[]
  readonly nginx: Load[]
}

function measured(title: string, what: Hot, headers: Measured['headers']): Measured {
  return { name: title, what, headers, ours: [], nginx: [] }
}

/** Measured one after the other, round by round. */
function tokenCost(withToken: readonly Load[], without: readonly Load[]): number {
  const cost = (load: Load) => load.serverSecondsPerRequest
  return median(withToken.map((load, round) => cost(load) / cost(without[round]!)))
}

function read(
  { load, warmUp, duration }: Bench,
  { port, pid }: MeasuredServer,
  path: string,
  headers: Readonly<Record<string, string>>,
  body: Buffer,
): Promise<Load> {
  const expected = { status: 200, block: body, length: body.length }
  return load.run('read', {
    port,
    pid,
    connections,
    warmUp,
    duration,
    expected,
    request: head('GET', path, headers),
  })
}

function row({ name: caseName, ours, nginx }: Measured): Row {
  return {
    name: caseName,
    unit: 'requests/s',
    ours: side(ours),
    peer: { name: 'nginx', ...side(nginx) },
    ratio: median(ours.map((load, round) => load.perSecond / nginx[round]!.perSecond)),
  }
}

/** The middle of the rounds. */
export function side(loads: readonly Load[]): Side {
  return {
    rate: median(loads.map((load) => load.perSecond)),
    p99: median(loads.map((load) => load.p99)),
    cost: median(loads.map((load) => load.serverSecondsPerRequest)),
    generatorShare: median(loads.map((load) => load.generatorShare)),
  }
}

/** Publishes what is asked for and gives nginx the very bytes that our server answers with. */
async function prepare({ ours, nginx, project }: Bench): Promise<Hot[]> {
  const registry = registryPath(project, 'npm')
  for (let version = 1; version <= versions; version++) {
    await put(ours, `${registry}/${name}`, npmPublication(name, `1.${version}.0`, tarballSize) as never)
  }
  const headers = {
    Accept: 'application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8, */*',
    'Accept-Encoding': 'gzip, deflate, br',
    'User-Agent': 'bench',
  }
  const tarballPath = `${registry}/${name}/-/${name}-1.${versions}.0.tgz`
  const packument = await bodyOf(ours.port, `${registry}/${name}`, headers)
  const tarball = await bodyOf(ours.port, tarballPath, {})
  if (tarball.length !== tarballSize) throw new Error(`the tarball has ${tarball.length} bytes`)
  await nginx.put('packument.gz', packument)
  await nginx.put('packument', randomBytes(16))
  await nginx.put('tarball.tgz', tarball)
  return [
    {
      name: `packument of ${versions} versions`,
      ourPath: `${registry}/${name}`,
      nginxPath: '/packument',
      headers,
      body: packument,
    },
    {
      name: `tarball of ${tarballSize / 1024} KiB`,
      ourPath: tarballPath,
      nginxPath: '/tarball.tgz',
      headers: { 'User-Agent': 'bench' },
      body: tarball,
    },
  ]
}

/** The body as it comes on the wire: `fetch` would decompress it. */
async function bodyOf(
  port: number,
  path: string,
  headers: Readonly<Record<string, string>>,
): Promise<Buffer> {
  const [answer] = (await once(request({ port, host: '127.0.0.1', path, headers }).end(), 'response')) as [
    IncomingMessage,
  ]
  if (answer.statusCode !== 200) throw new Error(`GET ${path}: ${answer.statusCode}`)
  return Buffer.concat(await answer.toArray())
}
