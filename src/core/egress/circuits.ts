/** Leaves servers alone that keep failing, or that asked to be left alone. */
import { LRUCache } from 'lru-cache'
import { EgressError } from './egress-error.ts'

const failuresToOpen = 5
const openMs = 30_000
const longestWaitMs = 300_000

interface Circuit {
  failures: number
  /** No request before this time. */
  closedUntil: number
}

export interface Circuits {
  /** How long to wait before the server may be asked, in milliseconds; 0: at once. */
  wait(key: string): number
  /** Throws EgressError `unavailable` where the server is left alone. */
  admit(key: string, host: string): void
  succeeded(key: string): void
  failed(key: string): void
  /** The server asked for a pause (429 with Retry-After). */
  pause(key: string, ms: number): void
}

/** One circuit per key; the least recently used are forgotten. `now` in milliseconds, never running backwards. */
export function createCircuits(now: () => number): Circuits {
  const circuits = new LRUCache<string, Circuit>({ max: 2000 })
  const wait = (key: string) => Math.max(0, (circuits.get(key)?.closedUntil ?? 0) - now())
  const at = (key: string) => {
    const circuit = circuits.get(key) ?? { failures: 0, closedUntil: 0 }
    circuits.set(key, circuit)
    return circuit
  }
  return {
    wait,
    admit(key, host) {
      const ms = wait(key)
      if (ms === 0) return
      const seconds = Math.ceil(ms / 1000)
      throw new EgressError('unavailable', `${host} failed too often or asked for a pause: ${seconds} s left`)
    },
    succeeded: (key) => void circuits.delete(key),
    failed(key) {
      const circuit = at(key)
      circuit.failures++
      // After a pause a single failure opens it again: one request tries.
      if (circuit.failures >= failuresToOpen) circuit.closedUntil = now() + openMs
    },
    pause(key, ms) {
      at(key).closedUntil = now() + Math.min(ms, longestWaitMs)
    },
  }
}
