import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { JobMessage, JobReply, Jobs } from './generator.ts'

/** The process that makes the load, apart from everything that is measured. */
export interface LoadProcess {
  /** Runs one job; one at a time. Rejects with what went wrong there. */
  run<N extends keyof Jobs>(name: N, job: Parameters<Jobs[N]>[0]): Promise<Awaited<ReturnType<Jobs[N]>>>
  stop(): Promise<void>
}

export function startLoadProcess(): LoadProcess {
  const child = fork(join(import.meta.dirname, 'generator.ts'), { serialization: 'advanced' })
  return {
    async run(name, job) {
      const message: JobMessage = { name, job }
      const gone = new AbortController()
      const exits = once(child, 'exit', { signal: gone.signal }).then(() => {
        throw new Error('the load process ended in a job')
      })
      const reply = once(child, 'message', { signal: gone.signal }) as Promise<[JobReply]>
      child.send(message)
      try {
        const [answer] = await Promise.race([reply, exits])
        if ('error' in answer) throw new Error(`${name}: ${answer.error}`)
        return answer.result as never
      } finally {
        exits.catch(() => {})
        reply.catch(() => {})
        gone.abort()
      }
    },
    async stop() {
      if (child.exitCode !== null) return
      const exit = once(child, 'exit')
      child.disconnect()
      await exit
    },
  }
}
