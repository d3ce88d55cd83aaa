/**
 * Asks one address at fixed moments, whether or not earlier answers have come, and notes how long each took from its moment
 * on: so a server that stands still is seen in many requests. A process of its own, told what to do by messages.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { Agent, get } from 'node:http'
import { createLatencies } from '../../bench/load/latencies.ts'

export interface ProbeJob {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** Between requests, in milliseconds. */
  readonly everyMs: number
}
/** In milliseconds. */
export interface Probed {
  readonly count: number
  readonly p50: number
  readonly p99: number
  readonly most: number
  /** Answers that were no 200. */
  readonly failed: number
}

export interface Probe {
  /** Asks while `work` is under way. */
  during<T>(work: () => Promise<T>): Promise<{ readonly probed: Probed; readonly result: T }>
  stop(): Promise<void>
}

const role = 'latency-probe'

/** Starts the process that asks. */
export async function startProbe(job: ProbeJob): Promise<Probe> {
  const child = fork(import.meta.filename, [role])
  const reply = async (message: ProbeJob | 'stop'): Promise<unknown> => {
    child.send(message)
    const [answer] = await once(child, 'message')
    return answer
  }
  return {
    async during(work) {
      await reply(job)
      const result = await work()
      return { probed: (await reply('stop')) as Probed, result }
    },
    async stop() {
      const gone = once(child, 'exit')
      child.disconnect()
      await gone
    },
  }
}

function ask({ url, headers, everyMs }: ProbeJob): () => Promise<Probed> {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 })
  const latencies = createLatencies()
  const open = new Set<Promise<void>>()
  let [count, failed, most] = [0, 0, 0]
  const began = performance.now()
  const one = (due: number) =>
    new Promise<void>((resolve) => {
      const done = (status: number) => {
        const took = performance.now() - due
        latencies.add(took)
        most = Math.max(most, took)
        count++
        if (status !== 200) failed++
        resolve()
      }
      const request = get(url, { headers, agent }, (reply) => {
        reply.resume().on('end', () => done(reply.statusCode!))
      })
      request.on('error', () => done(0))
    })
  let sent = 0
  const timer = setInterval(() => {
    for (; began + sent * everyMs <= performance.now(); sent++) {
      const asking = one(began + sent * everyMs).finally(() => open.delete(asking))
      open.add(asking)
    }
  }, everyMs / 2)
  return async () => {
    clearInterval(timer)
    await Promise.all(open)
    agent.destroy()
    return { count, failed, most, p50: latencies.percentile(0.5), p99: latencies.percentile(0.99) }
  }
}

if (process.argv[2] === role) {
  let finish: (() => Promise<Probed>) | undefined
  process.on('message', async (message: ProbeJob | 'stop') => {
    if (message !== 'stop') {
      finish = ask(message)
      process.send!('asking')
    } else process.send!(await finish!())
  })
}
