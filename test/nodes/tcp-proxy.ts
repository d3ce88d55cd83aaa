/** Stands between a server and what it connects to, and cuts when it is told to. */
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

export interface TcpProxy {
  readonly port: number
  /** How many connections it carried or refused so far. */
  readonly counts: { carried: number; refused: number; cut: number; swallowing: number }
  /** How many connections it carries now. */
  carrying(): number
  /** Resets every connection there is. */
  cut(): void
  /** Whether new connections are reset at once. */
  refuse(isOn: boolean): void
  /**
   * From now on connections that exist deliver what is sent, and hand back nothing; with `sent`, those do (new ones, too)
   * that send these bytes, from then on, until the next cut.
   */
  swallowAnswers(sent?: string): void
  stop(): Promise<void>
}

/** Carries connections on a free loopback port to `to`. */
export async function startTcpProxy(to: {
  readonly port: number
  readonly host?: string
}): Promise<TcpProxy> {
  const counts = { carried: 0, refused: 0, cut: 0, swallowing: 0 }
  const pairs = new Set<readonly [near: Socket, far: Socket]>()
  let refusing = false
  let swallowedBy: string | undefined
  const listener = createServer((near) => {
    near.on('error', () => {})
    if (refusing) {
      counts.refused += 1
      near.resetAndDestroy()
      return
    }
    counts.carried += 1
    const far = connect(to.port, to.host ?? '127.0.0.1')
    const pair = [near, far] as const
    pairs.add(pair)
    for (const [one, other] of [pair, [far, near]] as const) {
      one.on('error', () => other.destroy())
      one.on('close', () => {
        other.destroy()
        pairs.delete(pair)
      })
    }
    near.on('data', (sent: Buffer) => {
      if (swallowedBy !== undefined && sent.includes(swallowedBy)) swallow(pair)
    })
    near.pipe(far)
    far.pipe(near)
  }).listen(0, '127.0.0.1')
  await once(listener, 'listening')
  function swallow([, far]: readonly [near: Socket, far: Socket]) {
    counts.swallowing += 1
    far.unpipe().resume()
  }
  function cut() {
    swallowedBy = undefined
    for (const [near, far] of pairs) {
      counts.cut += 1
      near.resetAndDestroy()
      far.destroy()
    }
  }
  return {
    port: (listener.address() as AddressInfo).port,
    counts,
    carrying: () => pairs.size,
    cut,
    refuse(isOn) {
      refusing = isOn
    },
    swallowAnswers(sent) {
      swallowedBy = sent
      if (sent === undefined) for (const pair of pairs) swallow(pair)
    },
    async stop() {
      cut()
      listener.close()
      await once(listener, 'close')
    },
  }
}
