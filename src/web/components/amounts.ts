/** Times and counts as people read them. */
import { html, type Html } from '../html.ts'

/** `12`, `10,000+` above `most`. */
export const amount = (number: number, most = Infinity) =>
  number > most ? `${most.toLocaleString('en-US')}+` : number.toLocaleString('en-US')

/** `1 package`, `12 packages`, `10,000+ packages` above `most`. */
export const count = (number: number, one: string, most = Infinity) =>
  `${amount(number, most)} ${number === 1 ? one : `${one}s`}`

const steps: readonly [unit: Intl.RelativeTimeFormatUnit, ms: number][] = [
  ['year', 31_536_000_000],
  ['month', 2_592_000_000],
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
]
const words = new Intl.RelativeTimeFormat('en', { numeric: 'auto' })

/** How long ago (or how soon), the exact time in UTC as its title. Milliseconds since 1970. */
export function when(at: number, now: number): Html {
  const iso = new Date(at).toISOString()
  const exact = `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`
  return html`<time datetime="${iso}" title="${exact}">${relative(at - now)}</time>`
}

function relative(ms: number): string {
  for (const [unit, length] of steps) {
    if (Math.abs(ms) >= length) return words.format(Math.trunc(ms / length), unit)
  }
  return 'just now'
}

/** `2026-05-31`, in UTC. */
export const day = (at: number) => new Date(at).toISOString().slice(0, 10)
