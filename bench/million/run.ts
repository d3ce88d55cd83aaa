/** `npm run test:long [-- --engine postgres] [--packages N] [--only <word>] [--no-write]`; see ../README.md. */
import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { ask, createDatabase, startPostgres } from '../../test/nodes/postgres.ts'
import { writeResults } from '../results-file.ts'
import { checkDocuments } from './checks/documents.ts'
import { checkLists } from './checks/lists.ts'
import { checkSingles } from './checks/single.ts'
import { asTable, isTooMuch, percentile, type Finding } from './findings.ts'
import { startFilled, type FilledServer } from './server.ts'

const { values } = parseArgs({
  options: {
    engine: { type: 'string', default: 'sqlite' },
    packages: { type: 'string', default: '1000000' },
    only: { type: 'string', default: '' },
    write: { type: 'boolean', default: true },
  },
  allowNegative: true,
})
const few = 1000
const mostStart = 2000
const stops: (() => Promise<unknown>)[] = []

try {
  const findings = await measure()
  const settings = { engine: values.engine, packages: Number(values.packages) }
  if (values.write) console.log(`written to ${writeResults(findings, settings, `-million-${values.engine}`)}`)
  if (findings.some(isTooMuch)) process.exitCode = 1
} finally {
  for (const stop of stops.toReversed()) await stop()
}

async function measure(): Promise<Finding[]> {
  const dir = await mkdtemp(join(tmpdir(), 'entrepot-million-'))
  stops.push(() => rm(dir, { recursive: true, force: true }))
  const place = await placesOf(values.engine)
  const make = async (name: string, packages: number) => {
    await mkdir(join(dir, name))
    const server = await startFilled(join(dir, name), await place(name), packages)
    stops.push(server.stop)
    console.log(
      `${server.made.packages} packages of ${server.made.names} names made in ${server.made.seconds} s`,
    )
    return server
  }
  const pair = { few: await make('few', few), many: await make('many', Number(values.packages)) }
  const checks = {
    start: () => checkStart(pair.many),
    single: () => checkSingles(pair),
    lists: () => checkLists(pair.many),
    documents: () => checkDocuments(pair.many),
  }
  const findings: Finding[] = [
    {
      name: 'making the packages',
      unit: 's',
      found: pair.many.made.seconds,
      detail: `${pair.many.made.names} names`,
    },
  ]
  for (const [name, check] of Object.entries(checks)) {
    if (!name.includes(values.only)) continue
    console.log(`${name} ...`)
    const found = await check()
    console.log(asTable(found))
    findings.push(...found)
  }
  return findings
}

async function checkStart(server: FilledServer): Promise<Finding[]> {
  const times: number[] = []
  for (let round = 0; round < 3; round++) {
    await server.restart()
    times.push(server.startedIn)
  }
  return [{ name: 'start, until it answers', unit: 'ms', found: percentile(times, 0.5), limit: mostStart }]
}

/** Says where the records of a server go: files, or databases of the server that `ENTREPOT_TEST_POSTGRES` names, or one of its own. */
async function placesOf(engine: string): Promise<(name: string) => Promise<Record<string, string>>> {
  if (engine === 'sqlite') return async () => ({})
  if (engine !== 'postgres') throw new Error(`--engine ${engine}: it is sqlite or postgres`)
  const given = process.env['ENTREPOT_TEST_POSTGRES']
  const own = given ? undefined : await startPostgres({ durable: true })
  if (own) stops.push(own.stop)
  const server = given ?? own!.url
  return async (name) => {
    const database = `million_${name}_${randomBytes(4).toString('hex')}`
    if (given) stops.push(() => ask(server, `drop database ${database} with (force)`))
    return { ENTREPOT_DATABASE: await createDatabase(server, database) }
  }
}
