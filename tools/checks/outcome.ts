/** What one check found. */
export interface Outcome {
  /** One line or block each; none: the check passed. */
  readonly problems: readonly string[]
  /** What it looked at or measured, in a few words. */
  readonly note?: string
}
export type Check = () => Outcome | Promise<Outcome>
