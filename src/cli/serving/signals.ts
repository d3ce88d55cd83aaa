/** What the system tells a server: to stop, to stop at once, to read its configuration anew. */

/** A terminal and npm both pass Ctrl-C on: what comes so soon after the first is no second wish. */
const sameMs = 500

export interface SignalListeners {
  stop(): void
  /** Somebody does not want to wait: a second SIGTERM or SIGINT. */
  stopNow(): void
  reload(): void
}

/** Listens until the process ends. */
export function listenToSignals({ stop, stopNow, reload }: SignalListeners): void {
  let told: number | undefined
  const tell = () => {
    if (told === undefined) {
      told = performance.now()
      stop()
    } else if (performance.now() - told > sameMs) stopNow()
  }
  process.on('SIGTERM', tell)
  process.on('SIGINT', tell)
  process.on('SIGHUP', reload)
}

/** For a process whose parent hears them. */
export function ignoreSignals(): void {
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => {})
}
