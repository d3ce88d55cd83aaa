/** The same project straight and through us, in turns. */
import { isDeepStrictEqual } from 'node:util'
import { join } from 'node:path'
import { cpuSeconds } from '../../../bench/load/cpu-time.ts'
import type { OurServer } from '../../../bench/servers.ts'
import { run } from '../../clients/support/command.ts'
import { post } from '../../clients/support/world.ts'
import { registryOf } from '../filled-registry.ts'
import type { From, Installed, RealProject } from './project.ts'

export interface Way {
  /** In milliseconds, in the order of the runs. */
  readonly times: readonly number[]
  readonly median: number
  /** Of the median of the direct way. */
  readonly ratio: number
  /** What our server spends on each object, in milliseconds of processor time. */
  readonly cpuMsPerObject?: number
}

export interface Row {
  readonly format: string
  /** What is fetched. */
  readonly objects: number
  readonly least: number
  readonly direct: Way
  readonly cold: Way
  readonly warm: Way
  /** Whether every file, and what was composed, is the same on all ways. */
  readonly isSame: boolean
  readonly cutOffIsSame: boolean
}

export interface Comparing {
  readonly server: OurServer
  readonly place: string
  readonly pairs: number
}

export interface Compared {
  readonly row: Omit<Row, 'cutOffIsSame'>
  /** Installs once more from a server with the same data: whether the same files came. */
  again(url: string): Promise<boolean>
}

/** Composes the project twice, and installs it straight, through a group that has nothing yet, and through that again. */
export async function compare(project: RealProject, { server, place, pairs }: Comparing): Promise<Compared> {
  const straight: From = { url: await project.address() }
  const composed = join(place, 'straight')
  const same = [await project.compose(composed, straight)]
  same.push(await project.compose(join(place, 'composed-ours'), await newGroup(project, server, 'composing')))
  const spent = { cold: 0, warm: 0 }
  const times: Record<'direct' | 'cold' | 'warm', number[]> = { direct: [], cold: [], warm: [] }
  let last: { readonly group: From; readonly files: Installed } | undefined
  let isSame = same[0] === same[1]
  for (let pair = 0; pair < pairs; pair++) {
    const install = async (way: string, from: From) => {
      // What one leaves to be written to the disk is not the next one's to wait for.
      await run('sync', [], { cwd: place, env: {} })
      return project.install(composed, join(place, `${way}-${pair}`), from)
    }
    const isDirectFirst = pair % 2 === 0
    const first = isDirectFirst ? await install('direct', straight) : undefined
    const group = await newGroup(project, server, `pair-${pair}`)
    const before = cpuSeconds(server.pid)
    const cold = await install('cold', group)
    const between = cpuSeconds(server.pid)
    const warm = await install('warm', group)
    spent.cold += between - before
    spent.warm += cpuSeconds(server.pid) - between
    const direct = first ?? (await install('direct', straight))
    for (const [way, { took }] of Object.entries({ direct, cold, warm })) times[way as 'cold'].push(took)
    isSame &&= isDeepStrictEqual(direct.files, cold.files) && isDeepStrictEqual(direct.files, warm.files)
    last = { group, files: direct }
    console.log(
      `${project.format} ${pair}: direct ${direct.took | 0} ms, cold ${cold.took | 0} ms, warm ${warm.took | 0} ms`,
    )
  }
  const { group, files } = last!
  const objects = await project.count(composed, files)
  const directMedian = median(times.direct)
  const way = (of: keyof typeof times, cpu?: number): Way => ({
    times: times[of],
    median: median(times[of]),
    ratio: median(times[of]) / directMedian,
    ...(cpu === undefined ? {} : { cpuMsPerObject: (1000 * cpu) / (objects * pairs) }),
  })
  return {
    row: {
      format: project.format,
      objects,
      least: project.least,
      direct: way('direct'),
      cold: way('cold', spent.cold),
      warm: way('warm', spent.warm),
      isSame,
    },
    async again(url) {
      const there = { ...group, url: group.url.replace(server.url, url) }
      const installed = await project.install(composed, join(place, 'cut-off'), there)
      return isDeepStrictEqual(installed.files, files.files)
    },
  }
}

/** A group of its own, which has nothing yet. */
async function newGroup({ format, address }: RealProject, server: OurServer, path: string): Promise<From> {
  const group = await post<{ id: number }>(server, 'groups', { name: path, path })
  await post(server, `groups/${group.id}/-/upstreams`, { format, url: await address(), ttl: 86_400 })
  return { url: registryOf(server, { group }, format), token: server.token }
}

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1]!
