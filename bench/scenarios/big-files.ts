/** One big file: downloaded beside nginx, uploaded beside a plain write of the same bytes to the same disk. */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { registryPath } from '../registry-calls.ts'
import { median, type Row } from '../report.ts'
import type { Bench } from './scenario.ts'

const mebibyte = 1024 * 1024
const times = 200

/** Its first upload is also what is downloaded. */
export async function bigFiles(bench: Bench): Promise<Row[]> {
  const registry = `${registryPath(bench.project, 'generic')}/big`
  const first = randomBytes(mebibyte)
  await upload(bench, `${registry}/first/file.bin`, first)
  await bench.nginx.put('file.bin', Buffer.concat(Array.from({ length: times }, () => first)))
  return [
    await downloads(bench, `${registry}/first/file.bin`, first),
    await uploads(bench, (round) => `${registry}/round-${round}/file.bin`),
  ]
}

async function downloads(
  { ours, nginx, load, rounds }: Bench,
  path: string,
  block: Uint8Array,
): Promise<Row> {
  const headers = { Authorization: `Bearer ${ours.token}` }
  const seconds: Pair[] = []
  for (let round = 0; round <= rounds; round++) {
    seconds.push({
      ours: await load.run('download', { port: ours.port, path, headers, block, times }),
      peer: await load.run('download', { port: nginx.port, path: '/file.bin', headers: {}, block, times }),
    })
  }
  // The first round warms both.
  return row('download', 'nginx', seconds.slice(1))
}

async function uploads(bench: Bench, pathOf: (round: number) => string): Promise<Row> {
  const file = join(bench.ours.data, 'plain-big')
  const seconds: Pair[] = []
  for (let round = 0; round < bench.rounds; round++) {
    const block = randomBytes(mebibyte)
    seconds.push({
      peer: await bench.load.run('plainWrite', { file, block, times }),
      ours: await upload(bench, pathOf(round), block),
    })
  }
  return row('upload', 'sha256, write and sync of the same bytes', seconds)
}

function upload({ ours, load }: Bench, path: string, block: Uint8Array): Promise<number> {
  return load.run('upload', { port: ours.port, path, headers: { 'private-token': ours.token }, block, times })
}

interface Pair {
  readonly ours: number
  readonly peer: number
}

function row(what: string, peer: string, seconds: readonly Pair[]): Row {
  const rate = (of: (pair: Pair) => number) =>
    median(seconds.map((pair) => (times * mebibyte) / 1e6 / of(pair)))
  return {
    name: `${what} of ${times} MiB`,
    unit: 'MB/s',
    ours: { rate: rate((pair) => pair.ours) },
    peer: { name: peer, rate: rate((pair) => pair.peer) },
    ratio: median(seconds.map((pair) => pair.peer / pair.ours)),
  }
}
