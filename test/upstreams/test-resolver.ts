/** Names of the tests' own, resolved as a test says: instead of the system, for everything in this process. */
import dns, { type LookupAddress } from 'node:dns'
import { syncBuiltinESMExports } from 'node:module'

export interface TestResolver {
  /** How often a name was asked for. */
  asked(name: string): number
  restore(): void
}

/** The addresses of each name, one list for each time it is asked for; the last one stays. */
export type Answers = Readonly<Record<string, readonly (readonly string[])[]>>

/** Answers for these names; all others are unknown. */
export function resolveAs(answers: Answers): TestResolver {
  const real = dns.lookup
  const counts = new Map<string, number>()
  const fake = (name: string, options: object, callback: (...results: unknown[]) => void) => {
    const before = counts.get(name) ?? 0
    counts.set(name, before + 1)
    const lists = answers[name]
    const found = (lists?.[before] ?? lists?.at(-1))?.map(asAddress)
    queueMicrotask(() => {
      if (!found) callback(Object.assign(new Error(`getaddrinfo ENOTFOUND ${name}`), { code: 'ENOTFOUND' }))
      else if ('all' in options && options.all === true) callback(null, found)
      else callback(null, found[0]!.address, found[0]!.family)
    })
  }
  replace(fake as unknown as typeof dns.lookup)
  return { asked: (name) => counts.get(name) ?? 0, restore: () => replace(real) }
}

const asAddress = (address: string): LookupAddress => ({ address, family: address.includes(':') ? 6 : 4 })

/** For those, too, who imported it by its name. */
function replace(lookup: typeof dns.lookup): void {
  dns.lookup = lookup
  syncBuiltinESMExports()
}
