/** Durable publications of new names with a small tarball, one after the other and eight at once. */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { Load } from '../load/requests.ts'
import { registryPath } from '../registry-calls.ts'
import { median, type Row } from '../report.ts'
import { side } from './hot-reads.ts'
import type { Bench } from './scenario.ts'

const tarballSize = 10 * 1024

export async function publishRate(bench: Bench): Promise<Row[]> {
  const kinds = [1, 8].map((connections) => ({ connections, loads: [] as Load[] }))
  const plain: number[] = []
  for (let round = 0; round < bench.rounds; round++) {
    plain.push(await writeSmallFiles(bench))
    for (const { connections, loads } of kinds) loads.push(await publish(bench, connections, round))
  }
  return kinds.map(({ connections, loads }) => ({
    name: `npm publish, ${connections} at once`,
    unit: 'packages/s',
    ours: side(loads),
    peer: { name: 'the tarball hashed and synced to disk, one by one', rate: median(plain) },
    // The peer keeps no records, and syncs less often.
    floor: 0.02,
    ratio: median(loads.map((load, round) => load.perSecond / plain[round]!)),
  }))
}

function publish({ ours, load, project, warmUp, duration }: Bench, connections: number, round: number) {
  return load.run('publish', {
    port: ours.port,
    pid: ours.pid,
    connections,
    warmUp,
    duration,
    expected: { status: 201 },
    registryPath: registryPath(project, 'npm'),
    token: ours.token,
    prefix: `published-${connections}-${round}`,
    tarballSize,
  })
}

function writeSmallFiles({ ours, load, duration }: Bench): Promise<number> {
  const file = join(ours.data, 'plain-small')
  return load.run('plainWrites', { file, bytes: randomBytes(tarballSize), duration: duration / 2 })
}
