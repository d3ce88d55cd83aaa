/** Data directories that server after server is started on, killed over, and found whole by the next one. */
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient, genericFile, npmPackage, type Attempt, type Client } from './attempts.ts'
import type { Orders } from './fault.ts'
import { startServer, type ServerProcess } from './process.ts'
import { assertNothingLeft } from './stored.ts'

/** Kills at each of the five places. */
export const rounds = 20

/** One data directory that server after server is started on and killed over. */
export interface Chain {
  readonly data: string
  /** What was acknowledged, or found whole: it must stay as it is. */
  readonly standing: Map<Attempt, 'there' | 'gone'>
  kills: number
  /** Starts a server and checks everything that stands; undefined: it was killed at its start. */
  start(orders: Orders): Promise<{ server: ServerProcess; client: Client } | undefined>
}

export async function withChain(work: (chain: Chain) => Promise<void>): Promise<number> {
  const dir = await mkdtemp(join(tmpdir(), 'entrepot-kill-'))
  let token = ''
  let running: ServerProcess | undefined
  const chain: Chain = {
    data: join(dir, 'data'),
    standing: new Map(),
    kills: 0,
    async start(orders) {
      const server = await startServer({ data: chain.data, orders })
      running = server
      if (!server) return undefined
      token ||= server.token
      const client = createClient(server.url, token)
      for (const [attempt, expected] of chain.standing)
        assert.equal(await client.look(attempt), expected, `${attempt.file} after a restart`)
      return { server, client }
    },
  }
  try {
    await work(chain)
    const last = await chain.start({})
    await last!.server.stop()
    assertNothingLeft(chain.data)
    return chain.kills
  } finally {
    await running?.kill()
    await rm(dir, { recursive: true, force: true })
  }
}

export async function killed(chain: Chain, server: ServerProcess): Promise<void> {
  assert.equal(await server.ended, 'SIGKILL')
  chain.kills += 1
}

export const attemptOf = (round: number, size: number): Attempt =>
  round % 2 === 0 ? genericFile(`1.${round}`, size) : npmPackage(`tiny-${round}`, size)

export function report(place: string, kills: number): void {
  console.log(`killed ${kills} times ${place}`)
  assert.ok(kills >= rounds, `${kills} kills ${place} prove too little`)
}
