import { stderr } from 'node:process'
import { byteAmount } from '../lib/byte-amount.ts'
import type { OnProgress, Progress } from '../recovery/progress.ts'
import type { Process } from './command.ts'

const onTerminalMs = 500
const elsewhereMs = 15_000

/** Says on standard error how far long work has come: often in a terminal, now and then in a log. */
export function progressTo({ err }: Pick<Process, 'err'>, now = () => performance.now()): OnProgress {
  const everyMs = stderr.isTTY ? onTerminalMs : elsewhereMs
  const beganAt = now()
  let saidAt = beganAt
  return (progress) => {
    if (now() - saidAt < everyMs) return
    saidAt = now()
    err(sentence(progress, (saidAt - beganAt) / 1000))
  }
}

function sentence({ what, done, total }: Progress, seconds: number): string {
  const of = total ? ` of ${total.count}` : ''
  if (what === 'rows') return `${what}: ${done.count}${of}`
  const bytes = total ? `${byteAmount(done.bytes)} of ${byteAmount(total.bytes)}` : byteAmount(done.bytes)
  return `${what}: ${done.count}${of}, ${bytes}, for ${Math.round(seconds)} s`
}
