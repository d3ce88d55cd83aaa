/** The processes that answer requests: kept at their number, however often one of them dies. */
import cluster, { type Worker as Child } from 'node:cluster'
import { once } from 'node:events'
import type { Logger } from 'pino'
import { talkOver, type Answers, type Talk } from '../../lib/process-talk.ts'

const firstWaitMs = 250
const longestWaitMs = 30_000
/** One that lived so long did not die of how it was started. */
const stableMs = 60_000

export interface WorkerProcesses {
  /** Rejects where one could not start before any of them did. */
  readonly started: Promise<void>
  /** Asks all that serve; those that do not answer in time are left out. */
  askAll<T>(question: string, patienceMs: number, detail?: unknown): Promise<T[]>
  /** Tells them to finish and resolves when all are gone; those left after `patienceMs` are killed. */
  stop(patienceMs: number): Promise<void>
  kill(): void
}

/** What the children may ask of this process. */
export interface Parent {
  readonly log: Logger
  readonly answers: Answers
  /** A child serves: what it told about itself. */
  ready(detail: never): void
}

/** Starts `count` children, which run this very command. */
export function startWorkers(count: number, parent: Parent): WorkerProcesses {
  const { log } = parent
  const started = Promise.withResolvers<void>()
  const running = new Map<Child, Talk>()
  /** Of those, the ones that serve; the others do not hear yet. */
  const serving = new Set<Child>()
  let isStopping = false
  let hasServed = false
  let deaths = 0

  function start(): void {
    if (isStopping) return
    const child = cluster.fork()
    const bornAt = performance.now()
    const ready = async (detail: never) => {
      hasServed = true
      serving.add(child)
      parent.ready(detail)
      started.resolve()
    }
    running.set(child, talkOver(child, { ...parent.answers, ready }))
    child.once('exit', (code, signal) => {
      running.delete(child)
      serving.delete(child)
      if (isStopping) return
      if (!hasServed) {
        isStopping = true
        return started.reject(new Error('a process that should answer requests did not start'))
      }
      deaths = performance.now() - bornAt > stableMs ? 0 : deaths + 1
      const wait = deaths === 0 ? 0 : Math.min(longestWaitMs, firstWaitMs * 2 ** (deaths - 1))
      log.error(
        { process: child.process.pid, code, signal, wait },
        'a process that answers requests died; another one follows',
      )
      setTimeout(start, wait)
    })
  }
  const kill = () => {
    isStopping = true
    for (const child of running.keys()) child.process.kill('SIGKILL')
  }
  // Each takes connections by itself: what the first process handed to one that is killed meanwhile would hang for ever.
  cluster.schedulingPolicy = cluster.SCHED_NONE
  // A configuration has values that JSON has not.
  cluster.setupPrimary({ serialization: 'advanced' })
  for (let index = 0; index < count; index++) start()
  return {
    started: started.promise,
    async askAll<T>(question: string, patienceMs: number, detail?: unknown): Promise<T[]> {
      const asked = [...serving].map((child) => running.get(child)!.ask<T>(question, detail, patienceMs))
      const answered = await Promise.allSettled(asked)
      return answered.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
    },
    async stop(patienceMs) {
      isStopping = true
      const timer = setTimeout(kill, patienceMs)
      const gone = [...running.keys()].map((child) => once(child, 'exit'))
      for (const [child, talk] of running) {
        if (serving.has(child)) talk.ask('stop').catch(() => {})
        else child.process.kill('SIGKILL')
      }
      await Promise.all(gone)
      clearTimeout(timer)
    },
    kill,
  }
}
