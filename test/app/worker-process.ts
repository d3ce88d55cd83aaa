/** A worker in a process of its own, on the database of the environment. Says on its output what it does; run by tests. */
import pino from 'pino'
import { configure } from '../../src/app.ts'
import { openApp } from '../../src/cli/open.ts'
import { stopSignal } from '../../src/cli/stop-signal.ts'
import type { JobKind } from '../../src/jobs/job.ts'
import { createWorker } from '../../src/jobs/worker.ts'

const say = (words: string) => process.stdout.write(`${words}\n`)

const kinds: readonly JobKind[] = [
  {
    kind: 'test-note',
    async run(_core, key) {
      say(`ran ${key}`)
    },
  },
  {
    kind: 'test-stuck',
    async run(_core, key, signal) {
      say(`began ${key}`)
      if (key === 'never-ends') await new Promise((resolve) => signal.addEventListener('abort', resolve))
    },
  },
]

const opened = await openApp(configure({ env: process.env }), pino({ level: 'fatal' }))
const worker = createWorker(
  opened.app.core,
  kinds.filter(({ kind }) => process.argv.includes(kind)),
)
await worker.start()
say('ready')
await stopSignal()
await worker.stop()
await opened.close()
