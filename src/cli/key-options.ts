/** What the commands about signing keys have in common. */
import type { Arguments } from './command.ts'
import { placePath } from './place-options.ts'

/** The address of a place's keys below /api/v4. */
export const keysPath = (args: Arguments) => placePath(args, 'signing_keys')

/** A key as the server shows it. */
export interface ShownKey {
  readonly id: number
  readonly format: string
  /** Upper-case hexadecimal. */
  readonly fingerprint: string
  readonly source: 'generated' | 'imported'
  readonly retired_at: string | null
}
