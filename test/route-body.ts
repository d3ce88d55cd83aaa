import type { z } from 'zod'

/** What routes ask for, whatever it is called. */
const candidates: readonly unknown[] = [
  'made-up',
  30,
  1,
  true,
  'private',
  ['read_api'],
  ['read_package_registry'],
  'npm',
  'https://issuer.example',
  '2027-01-01',
  { sub: 'made-up' },
  ['made-up'],
  [1],
  {},
  [],
]

/** A body that this schema accepts: its required keys only. Throws where no value of the list fits one. */
export function bodyFor(schema: z.ZodObject): Record<string, unknown> {
  const body: Record<string, unknown> = {}
  for (const [key, of] of Object.entries(schema.shape)) {
    const value = of as z.ZodType
    if (value.safeParse(undefined).success) continue
    const fitting = candidates.find((candidate) => value.safeParse(candidate).success)
    if (fitting === undefined) throw new Error(`no made-up value fits ${key}; add one`)
    body[key] = fitting
  }
  return body
}
