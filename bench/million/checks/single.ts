/** One package costs as much among a million as among a thousand. */
import { npmPublication } from '../../npm-publication.ts'
import { bestOf, percentile, type Finding } from '../findings.ts'
import type { Answer, FilledServer } from '../server.ts'

export interface Pair {
  readonly few: FilledServer
  readonly many: FilledServer
}

const mostCost = 1.5
const rounds = 60

/** Does one thing on a server; `at` counts, so that each time it can be another package. */
type Act = (server: FilledServer, at: number) => Promise<number>

async function expect(status: number, asked: Promise<Answer>): Promise<number> {
  const answer = await asked
  if (answer.status !== status) throw new Error(`${answer.status} instead of ${status}: ${answer.text}`)
  return answer.milliseconds
}

const registry = ({ made }: FilledServer) => `/api/v4/projects/${made.owners.probe.id}/packages/npm`
const groupRegistry = ({ made }: FilledServer) => `/api/v4/groups/${made.owners.group.id}/-/packages/npm`
const probe = ({ made }: FilledServer, at: number) => made.probes[at % made.probes.length]!
const abbreviated = { accept: 'application/vnd.npm.install-v1+json' }
let published = 0

const acts: Readonly<Record<string, Act>> = {
  'a packument that was not asked for before': (server, at) =>
    expect(200, server.ask(`${registry(server)}/${probe(server, at)}`)),
  'an install: packument and tarball, by group': async (server, at) => {
    const name = probe(server, at)
    const path = `${groupRegistry(server)}/${name}`
    const first = await expect(200, server.ask(path, { headers: abbreviated }))
    return first + (await expect(200, server.ask(`${path}/-/${name}-0.0.5.tgz`)))
  },
  'a package by REST': (server, at) => {
    const id = 5 * (at % server.made.probes.length) + 5
    return expect(200, server.ask(`/api/v4/projects/${server.made.owners.probe.id}/packages/${id}`))
  },
  'a publication of a new name': (server) => publish(server, `new-${++published}`, '1.0.0'),
  'a publication of a new version': (server, at) => publish(server, probe(server, at), `2.0.${++published}`),
  'a delete': async (server, at) => {
    const version = `3.0.${++published}`
    const name = probe(server, at)
    await publish(server, name, version)
    const found = await server.ask(
      `${projectPackages(server)}?package_name=${name}&package_version=${version}`,
    )
    const { id } = JSON.parse(found.text).find((one: { name: string }) => one.name === name)
    return expect(204, server.ask(`${projectPackages(server)}/${id}`, { method: 'DELETE' }))
  },
}

const projectPackages = ({ made }: FilledServer) => `/api/v4/projects/${made.owners.probe.id}/packages`

function publish(server: FilledServer, name: string, version: string): Promise<number> {
  const headers = { 'content-type': 'application/json' }
  const body = npmPublication(name, version, 1000)
  return expect(201, server.ask(`${registry(server)}/${name}`, { method: 'PUT', body, headers }))
}

/** Takes turns on both servers. */
export async function checkSingles({ few, many }: Pair): Promise<Finding[]> {
  const findings: Finding[] = []
  for (const [name, act] of Object.entries(acts)) {
    findings.push(
      await compare(
        name,
        (at) => act(few, at),
        (at) => act(many, at),
      ),
    )
  }
  const big = many.made.big.find(({ format }) => format === 'npm')!
  const toBig = (at: number) =>
    bigPublish(
      many,
      `/api/v4/projects/${big.place.id}/packages/npm/${big.name.replace('/', '%2f')}`,
      big.name,
      at,
    )
  const name = 'a publication to a name of very many versions'
  findings.push(await compare(name, (at) => publish(many, probe(many, at), `4.0.${++published}`), toBig))
  return findings
}

function bigPublish(server: FilledServer, path: string, name: string, at: number): Promise<number> {
  const headers = { 'content-type': 'application/json' }
  const body = npmPublication(name, `9.${++published}.${at}`, 1000)
  return expect(201, server.ask(path, { method: 'PUT', body, headers }))
}

function compare(
  name: string,
  before: (at: number) => Promise<number>,
  now: (at: number) => Promise<number>,
): Promise<Finding> {
  return bestOf(async (attempt) => {
    const times = { before: [] as number[], now: [] as number[] }
    for (let at = attempt * rounds; at < (attempt + 1) * rounds; at++) {
      times.before.push(await before(at))
      times.now.push(await now(at))
    }
    const [a, b] = [percentile(times.before, 0.5), percentile(times.now, 0.5)]
    const detail = `${b.toFixed(2)} ms to ${a.toFixed(2)} ms`
    return { name, unit: 'times the cost', found: b / a, limit: mostCost, detail }
  })
}
