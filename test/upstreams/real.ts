/**
 * `node test/upstreams/real.ts [--pairs 5] [--only npm] [--write]`: projects of a real size, installed straight from the
 * registries that the clients on this machine use, and through us: with nothing kept, with everything kept, and cut off from
 * upstream. The same files must come, cold in at most 1.25 of the time, warm in less. Runs are few and one after the other.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { writeResults } from '../../bench/results-file.ts'
import { startServer } from '../clients/support/server.ts'
import { allowed, startMeasured } from './real/measured-server.ts'
import { mavenProject } from './real/maven-project.ts'
import { npmProject } from './real/npm-project.ts'
import { compare, type Row } from './real/pairs.ts'
import type { RealProject } from './real/project.ts'

const mostCold = 1.25
const { values } = parseArgs({
  options: {
    pairs: { type: 'string', default: '5' },
    only: { type: 'string', default: '' },
    write: { type: 'boolean', default: false },
  },
})
const pairs = Number(values.pairs)
const projects: readonly RealProject[] = [npmProject, mavenProject].filter(({ format }) =>
  format.includes(values.only),
)

const dir = await mkdtemp(join(tmpdir(), 'entrepot-real-'))
try {
  const rows: Row[] = []
  for (const project of projects) rows.push(await compareOne(project, join(dir, project.format)))
  console.log(JSON.stringify(rows, undefined, 2))
  if (values.write) console.log(`written to ${writeResults(rows, { pairs }, '-upstreams')}`)
  for (const complaint of rows.flatMap((row) => [...complaints(row)])) {
    console.error(complaint)
    process.exitCode = 1
  }
} finally {
  await rm(dir, { recursive: true, force: true })
}

async function compareOne(project: RealProject, place: string): Promise<Row> {
  const server = await startMeasured(place, await allowed(project))
  const { row, again } = await compare(project, { server, place, pairs }).finally(() => server.stop())
  // The same data, and no way out.
  const nowhere = { ENTREPOT_DATA: server.data, ENTREPOT_EGRESS__PROXY: 'http://127.0.0.1:9' }
  const cutOff = await startServer(nowhere, server.token)
  try {
    return { ...row, cutOffIsSame: await again(cutOff.url) }
  } finally {
    await cutOff.stop()
  }
}

function* complaints({ format, objects, least, cold, warm, isSame, cutOffIsSame }: Row): Iterable<string> {
  if (objects < least)
    yield `${format}: ${objects} files are less than a project of a real size has (${least})`
  if (!isSame) yield `${format}: what came through us is not what came straight`
  if (!cutOffIsSame) yield `${format}: cut off from upstream, other files came, or none`
  if (cold.ratio > mostCold)
    yield `${format}: cold takes ${cold.ratio.toFixed(2)} of the time, over ${mostCold}`
  if (warm.ratio >= 1) yield `${format}: warm takes ${warm.ratio.toFixed(2)} of the time`
}
