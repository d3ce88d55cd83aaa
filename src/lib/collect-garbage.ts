import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

type Collect = (how: { type: 'major'; flavor: 'last-resort' } | { type: 'minor' }) => void

let collector: Collect | undefined

function collect(how: Parameters<Collect>[0]): void {
  if (!collector) {
    setFlagsFromString('--expose-gc')
    collector = runInNewContext('gc') as Collect
  }
  collector(how)
}

/**
 * Collects all garbage now and gives the room back, which takes some tens of milliseconds. Reading the modules leaves behind about as much as
 * stays, and a server that has nothing to do would not notice for minutes.
 */
export function collectGarbage(): void {
  collect({ type: 'major', flavor: 'last-resort' })
}

/** So many bytes of pieces are let pile up. */
const piledUp = 16 * 1024 * 1024

/**
 * For streams of any length: to be called with the size of each piece that came and will soon be needed no more. The
 * engine sees of a piece only the small object that stands for it, and would let some hundred megabytes of them pile up;
 * collecting what is young takes about a millisecond.
 */
export function createPieceCollector(): (bytes: number) => void {
  let since = 0
  return (bytes) => {
    since += bytes
    if (since < piledUp) return
    since = 0
    collect({ type: 'minor' })
  }
}
