/** Until when a request may go on: its own time, and the signal of whoever asks. */

export interface TimeLimit {
  /** Aborted with what `late` made when the time is over, and with the other signal's reason when that is aborted. */
  readonly signal: AbortSignal
  /** What is left of the time, in milliseconds. */
  leftMs(): number
  /** From now on only the other signal counts. */
  lift(): void
  /** Nothing counts any more. */
  end(): void
}

/** `now` in milliseconds, never running backwards. */
export interface TimeLimitParts {
  readonly ms: number
  readonly now: () => number
  readonly late: () => Error
  readonly signal: AbortSignal | undefined
}

/** Starts counting. */
export function startTimeLimit({ ms, now, late, signal: other }: TimeLimitParts): TimeLimit {
  const controller = new AbortController()
  const deadline = now() + ms
  const timer = setTimeout(() => controller.abort(late()), ms)
  const lift = () => clearTimeout(timer)
  const onAbort = () => {
    lift()
    controller.abort(other!.reason)
  }
  if (other?.aborted) onAbort()
  other?.addEventListener('abort', onAbort, { once: true })
  return {
    signal: controller.signal,
    leftMs: () => deadline - now(),
    lift,
    end() {
      lift()
      other?.removeEventListener('abort', onAbort)
    },
  }
}
