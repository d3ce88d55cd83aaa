/** The first page of every list, of every search and of the web, within the time in which it seems to be there at once. */
import type { Credentials } from '../owners.ts'
import { bestOf, percentile, type Finding } from '../findings.ts'
import { createRandom, wordsOf } from '../shape.ts'
import type { FilledServer } from '../server.ts'

const mostMilliseconds = 50
const rounds = 40

interface List {
  readonly name: string
  /** Its address; `word` is part of some names, another one each time. */
  path(server: FilledServer, word: string): string
  /** Readers may not ask for it. */
  readonly adminOnly?: boolean
}

const group = ({ made }: FilledServer) => `/api/v4/groups/${made.owners.group.id}`
const project = ({ made }: FilledServer) => `/api/v4/projects/${made.owners.projects[0]!.id}`

const lists: readonly List[] = [
  { name: 'packages of a project', path: (server) => `${project(server)}/packages` },
  { name: 'packages of a project, newest first', path: (server) => `${project(server)}/packages?sort=desc` },
  { name: 'packages of a group', path: (server) => `${group(server)}/packages` },
  { name: 'packages of a group, newest first', path: (server) => `${group(server)}/packages?sort=desc` },
  { name: 'packages of a group, by name', path: (server) => `${group(server)}/packages?order_by=name` },
  {
    name: 'packages of a group, of one format',
    path: (server) => `${group(server)}/packages?package_type=generic`,
  },
  { name: 'hidden packages of a group', path: (server) => `${group(server)}/packages?status=hidden` },
  {
    name: 'packages of a group, by keyset',
    path: (server) => `${group(server)}/packages?pagination=keyset&order_by=id`,
  },
  {
    name: 'packages by part of the name, in a project',
    path: (server, word) => `${project(server)}/packages?package_name=${word}`,
  },
  {
    name: 'packages by part of the name, in a group',
    path: (server, word) => `${group(server)}/packages?package_name=${word}`,
  },
  {
    name: 'files of a package',
    path: (server) => `/api/v4/projects/${server.made.owners.probe.id}/packages/5/package_files`,
  },
  { name: 'names of a group', path: (server) => `${group(server)}/names` },
  { name: 'names of a group by a part', path: (server, word) => `${group(server)}/names?search=${word}` },
  { name: 'projects', path: () => '/api/v4/projects' },
  { name: 'groups', path: () => '/api/v4/groups' },
  { name: 'audit events', path: () => '/api/v4/audit_events', adminOnly: true },
  { name: 'audit events of a group', path: (server) => `${group(server)}/audit_events`, adminOnly: true },
  { name: 'audit events of a project', path: (server) => `${project(server)}/audit_events`, adminOnly: true },
  {
    name: 'npm search in a project',
    path: (server, word) => `${project(server)}/packages/npm/-/v1/search?text=${word}`,
  },
  {
    name: 'npm search in a group',
    path: (server, word) => `${group(server)}/-/packages/npm/-/v1/search?text=${word}`,
  },
  { name: 'npm search everywhere', path: (_, word) => `/api/v4/packages/npm/-/v1/search?text=${word}` },
  { name: 'web: groups and projects', path: () => '/' },
  { name: 'web: a group', path: (server) => `/groups/${server.made.owners.group.full_path}` },
  { name: 'web: a project', path: (server) => `/${server.made.owners.projects[0]!.path}` },
  {
    name: 'web: search on the first page',
    path: (_, word) => `/?search=${word}`,
  },
  {
    name: 'web: search in a group',
    path: (server, word) => `/groups/${server.made.owners.group.full_path}?search=${word}`,
  },
  { name: 'web: a package', path: (server) => `/${server.made.owners.probe.path}/-/packages/5` },
]

/** Asks for each list as the administrator and as a reader of one group. */
export async function checkLists(server: FilledServer): Promise<Finding[]> {
  const findings: Finding[] = []
  const random = createRandom(7)
  for (const list of lists) {
    const { admin, reader } = server.made.owners
    for (const [who, as] of list.adminOnly
      ? ([['admin', admin]] as const)
      : ([
          ['admin', admin],
          ['reader', reader],
        ] as const)) {
      findings.push(await checkList(server, list, { who, as, random }))
    }
  }
  return [...findings, ...(await checkTotals(server))]
}

interface Asking {
  readonly who: string
  readonly as: Credentials
  readonly random: () => number
}

async function checkList(server: FilledServer, list: List, { who, as, random }: Asking): Promise<Finding> {
  const name = `${list.name}, as ${who}`
  return bestOf(async () => {
    const times: number[] = []
    for (let round = 0; round < rounds; round++) {
      const path = list.path(server, searched(random))
      const answer = await server.ask(path, { as })
      if (answer.status !== 200) throw new Error(`${path} as ${who}: ${answer.status} ${answer.text}`)
      times.push(answer.milliseconds)
    }
    const found = percentile(times, 0.95)
    const detail = `middle ${percentile(times, 0.5).toFixed(1)}`
    return { name, unit: 'ms (p95)', found, limit: mostMilliseconds, detail }
  })
}

/** A piece of a made-up name: some stand in very many names, some in none. */
function searched(random: () => number): string {
  const words = wordsOf(random)
  const from = Math.floor(random() * words.length * 0.6)
  return words.slice(from, from + 3 + Math.floor(random() * 8))
}

async function checkTotals(server: FilledServer): Promise<Finding[]> {
  const total = async (path: string) => (await server.ask(path)).headers['x-total']
  const long = await total(`${group(server)}/packages`)
  const short = await total(`/api/v4/projects/${server.made.owners.probe.id}/packages?package_name=probe-1`)
  const isRight = long === undefined && Number(short) > 0
  const detail = `X-Total ${long} where there are more than 10,000, ${short} where there are few`
  return [{ name: 'totals told wrongly', unit: 'lists', found: isRight ? 0 : 1, limit: 0, detail }]
}
