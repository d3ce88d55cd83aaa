/** What is long to make holds nobody up: others are answered as before while it is made. */
import { npmPublication } from '../../npm-publication.ts'
import { bestOf, percentile, type Finding } from '../findings.ts'
import type { FilledServer } from '../server.ts'

const mostMilliseconds = 50
/** Repetitions, and milliseconds that they go on for. */
const fewest = 4
const shortest = 3000
const others = 4

type Work = (server: FilledServer, round: number) => Promise<void>

async function ok(server: FilledServer, path: string, headers = {}): Promise<void> {
  const answer = await server.ask(path, { headers })
  if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${answer.text}`)
}

const group = ({ made }: FilledServer) => `/api/v4/groups/${made.owners.group.id}`
const gzip = { 'accept-encoding': 'gzip' }

const works: Readonly<Record<string, Work>> = {
  'a packument of very many versions, after a publication to it': async (server, round) => {
    const { place, name } = server.made.big.find(({ format }) => format === 'npm')!
    const path = `/api/v4/projects/${place.id}/packages/npm/${name.replace('/', '%2f')}`
    const body = npmPublication(name, `99.${round}.${Date.now()}`, 1000)
    const answer = await server.ask(path, {
      method: 'PUT',
      body,
      headers: { 'content-type': 'application/json' },
    })
    if (answer.status !== 201) throw new Error(`${path}: ${answer.status} ${answer.text}`)
    await ok(server, path, gzip)
    await ok(server, path)
  },
  'the version list of an artifact of very many versions': async (server) => {
    const { place, name } = server.made.big.find(({ format }) => format === 'maven')!
    await ok(server, `/api/v4/projects/${place.id}/packages/maven/${name}/maven-metadata.xml`, gzip)
  },
  'a page of a package with very many versions': async (server) => {
    const { place } = server.made.big[0]!
    const found = await server.ask(
      `/api/v4/projects/${place.id}/packages?package_name=${server.made.big[0]!.name}`,
    )
    const [{ id }] = JSON.parse(found.text)
    await ok(server, `/${place.path}/-/packages/${id}?versions=all`)
    await ok(server, `/api/v4/projects/${place.id}/packages/${id}`)
  },
  'search for everything': async (server) => {
    await ok(server, `${group(server)}/-/packages/npm/-/v1/search?text=&size=250`)
    await ok(server, '/api/v4/packages/npm/-/v1/search?text=&size=250')
  },
  'lists in orders that need all rows sorted': async (server) => {
    await ok(server, `${group(server)}/packages?order_by=version`)
    await ok(server, `${group(server)}/packages?page=400`)
    await ok(server, `${group(server)}/names?search=e`)
  },
}

/** Each piece of work some times over, with others who read small things meanwhile. */
export async function checkDocuments(server: FilledServer): Promise<Finding[]> {
  const findings: Finding[] = []
  for (const [name, work] of Object.entries(works)) {
    findings.push(await bestOf(() => beside(server, name, work)))
  }
  return findings
}

async function beside(server: FilledServer, name: string, work: Work): Promise<Finding> {
  const state = { isOver: false }
  const times: number[] = []
  const reading = Array.from({ length: others }, (_, index) => readOn(server, index, state, times))
  const began = performance.now()
  let count = 0
  try {
    for (; count < fewest || performance.now() - began < shortest; count++) await work(server, count)
  } finally {
    state.isOver = true
    await Promise.all(reading)
  }
  const each = (performance.now() - began) / count
  const detail = `${times.length} others, the middle one ${percentile(times, 0.5).toFixed(1)} ms; the work ${each.toFixed(0)} ms`
  const found = percentile(times, 0.99)
  return { name: `others beside ${name}`, unit: 'ms (p99)', found, limit: mostMilliseconds, detail }
}

/** Reads packuments, tarballs and packages one after the other. */
async function readOn(
  server: FilledServer,
  index: number,
  state: { readonly isOver: boolean },
  times: number[],
): Promise<void> {
  const { probe } = server.made.owners
  for (let at = index; !state.isOver; at += others) {
    const name = server.made.probes[at % 100]!
    const registry = `/api/v4/projects/${probe.id}/packages/npm/${name}`
    const paths = [registry, `${registry}/-/${name}-0.0.5.tgz`, `/api/v4/projects/${probe.id}/packages/5`]
    const { status, milliseconds } = await server.ask(paths[at % 3]!)
    if (status !== 200) throw new Error(`${paths[at % 3]}: ${status}`)
    times.push(milliseconds)
  }
}
