/** The load: requests on several connections, each sending the next one when the last is answered. */
import { cpuSeconds } from './cpu-time.ts'
import { useConnection, type Expected } from './keep-alive-connection.ts'
import { createLatencies } from './latencies.ts'

export interface LoadJob {
  readonly port: number
  /** The process whose processor time is measured. */
  readonly pid: number
  readonly connections: number
  /** Both in milliseconds. What is asked in the first is not counted. */
  readonly warmUp: number
  readonly duration: number
  readonly expected: Expected
}

/** What came of a job. */
export interface Load {
  readonly perSecond: number
  readonly requests: number
  /** Milliseconds. */
  readonly p50: number
  readonly p99: number
  /** Processor seconds of the server for each second, and for each request. */
  readonly serverShare: number
  readonly serverSecondsPerRequest: number
  /** Processor seconds of the generator for each second: near 1, it is the generator that was measured. */
  readonly generatorShare: number
}

/** Asks `next` for one request after the other; when it has no more, or time is up, the connections close. */
export async function runLoad(job: LoadJob, next: () => Uint8Array | undefined): Promise<Load> {
  const latencies = createLatencies()
  const began = performance.now()
  const from = began + job.warmUp
  const until = from + job.duration
  let requests = 0
  let before: Usage | undefined
  let after: Usage | undefined
  const use = {
    port: job.port,
    expected: job.expected,
    next() {
      const now = performance.now()
      if (now >= from) before ??= usage(job.pid)
      if (now < until) return next()
      after ??= usage(job.pid)
      return undefined
    },
    answered(milliseconds: number) {
      if (!before || after) return
      requests += 1
      latencies.add(milliseconds)
    },
  }
  await Promise.all(Array.from({ length: job.connections }, () => useConnection(use)))
  if (!before || requests === 0) throw new Error('nothing was answered in the measured time')
  return summary(latencies, requests, before, after ?? usage(job.pid))
}

function summary(
  latencies: ReturnType<typeof createLatencies>,
  requests: number,
  before: Usage,
  after: Usage,
): Load {
  const seconds = (after.at - before.at) / 1000
  const server = after.server - before.server
  return {
    perSecond: requests / seconds,
    requests,
    p50: latencies.percentile(0.5),
    p99: latencies.percentile(0.99),
    serverShare: server / seconds,
    serverSecondsPerRequest: server / requests,
    generatorShare: (after.generator - before.generator) / seconds,
  }
}

interface Usage {
  readonly at: number
  readonly server: number
  readonly generator: number
}

function usage(pid: number): Usage {
  const { user, system } = process.cpuUsage()
  return { at: performance.now(), server: cpuSeconds(pid), generator: (user + system) / 1e6 }
}
