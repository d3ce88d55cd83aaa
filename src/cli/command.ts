/** What every command of the CLI is. */
import type { ParseArgsOptionsConfig } from 'node:util'

/** What a command may use of the process. */
export interface Process {
  readonly env: Readonly<Record<string, string | undefined>>
  /** Writes a line to standard output. */
  out(line: string): void
  /** Writes a line to standard error. */
  err(line: string): void
  /** All of standard input, which must be short. */
  input(): Promise<string>
}

/** The command was called in a way that cannot work: the message says what is missing; the exit code is 2. */
export class WrongCall extends Error {
  override name = 'WrongCall'
}

export interface Arguments {
  readonly positionals: readonly string[]
  readonly values: Readonly<Record<string, string | boolean | readonly (string | boolean)[] | undefined>>
}

export interface Command {
  /** One or two words: `serve`, `user create`. */
  readonly name: string
  /** One line for the overview. */
  readonly summary: string
  /** What stands after the name: `<username>`. */
  readonly usage?: string
  /** A paragraph or two with an example, shown by `--help`. */
  readonly help: string
  /** Beside `--help` and `--json`, which every command has. */
  readonly options?: ParseArgsOptionsConfig
  /** Words after the command that must stand there. */
  readonly positionals?: readonly string[]
  /** Resolves to the exit code: 0 where it is left out. */
  run(args: Arguments, process: Process): Promise<number | void>
}
