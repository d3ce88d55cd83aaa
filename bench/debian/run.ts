/**
 * `node bench/debian/run.ts [--packages 20000] [--rounds 5] [--write]`: how long it takes from handing over one more package
 * until `apt-get update` sees it, in a suite of so many, beside reprepro and aptly, taking turns.
 */
import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { createAptClient, type AptClient } from '../../test/clients/support/apt.ts'
import { median } from '../report.ts'
import { writeResults } from '../results-file.ts'
import { startNginx, startOurs } from '../servers.ts'
import { makePackage, type MadePackage } from './packages.ts'
import { aptlyIn, makeKey, oursIn, repreproIn, suite, type Repository } from './repositories.ts'

const { values } = parseArgs({
  options: {
    packages: { type: 'string', default: '20000' },
    rounds: { type: 'string', default: '5' },
    write: { type: 'boolean', default: false },
  },
})
const settings = { packages: Number(values.packages), rounds: Number(values.rounds) }

/** Milliseconds. */
interface Round {
  /** From handing it over until that was acknowledged. */
  readonly published: number
  /** From then until apt had seen it. */
  readonly seen: number
}

const dir = await mkdtemp(join(tmpdir(), 'entrepot-bench-debian-'))
const stops: (() => Promise<unknown>)[] = [() => rm(dir, { recursive: true, force: true })]
try {
  const rows = await measureAll()
  console.log(table(rows))
  if (values.write) console.log(`written to ${writeResults(rows, settings, '-debian')}`)
} finally {
  for (const stop of stops.toReversed()) await stop()
}

async function measureAll() {
  const ours = await startOurs(dir, undefined)
  stops.push(ours.stop)
  const nginx = await startNginx(dir)
  stops.push(nginx.stop)
  const workshop = { dir, served: join(dir, 'files'), url: `http://127.0.0.1:${nginx.port}` }
  const tool = await makeKey(workshop)
  const repositories = [await oursIn(ours), await repreproIn(workshop, tool), await aptlyIn(workshop, tool)]
  const directory = join(dir, 'packages')
  await mkdir(directory)
  const packages: MadePackage[] = []
  for (let number = 1; number < settings.packages; number++)
    packages.push(await makePackage(directory, number))
  const sides: { repository: Repository; client: AptClient; filled: number; rounds: Round[] }[] = []
  for (const repository of repositories) {
    const began = performance.now()
    await repository.addAll(packages)
    const filled = performance.now() - began
    console.log(`${repository.name}: ${packages.length} packages in ${(filled / 1000).toFixed(1)} s`)
    const source = { url: repository.url, suite, key: await repository.key() }
    const client = createAptClient(join(dir, `apt-${repository.name}`), source)
    await client.apt('apt-get', 'update')
    sides.push({ repository, client, filled, rounds: [] })
  }
  for (let round = 0; round < settings.rounds; round++) {
    const made = await makePackage(directory, settings.packages + round)
    for (const side of sides) side.rounds.push(await measure(side.repository, side.client, made))
  }
  return sides.map(({ repository, filled, rounds }) => ({
    name: repository.name,
    filledSeconds: filled / 1000,
    published: median(rounds.map((one) => one.published)),
    seen: median(rounds.map((one) => one.seen)),
    rounds,
  }))
}

async function measure(repository: Repository, client: AptClient, made: MadePackage): Promise<Round> {
  const began = performance.now()
  await repository.add(made)
  const acknowledged = performance.now()
  await client.apt('apt-get', 'update')
  const seen = performance.now()
  assert.equal(
    await client.candidate(made.name),
    made.version,
    `${repository.name} does not show ${made.name}`,
  )
  return { published: acknowledged - began, seen: seen - acknowledged }
}

function table(rows: Awaited<ReturnType<typeof measureAll>>): string {
  const cells = rows.map(({ name, filledSeconds, published, seen }) => [
    name,
    filledSeconds.toFixed(1),
    published.toFixed(0),
    seen.toFixed(0),
    (published + seen).toFixed(0),
  ])
  const lines = [['', 'filled in s', 'published ms', 'then seen ms', 'together ms'], ...cells]
  return lines.map((line) => line.map((cell) => cell.padEnd(14)).join('')).join('\n')
}
