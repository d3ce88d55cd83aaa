import { StartRefused } from '../lib/start-refused.ts'

/** The configuration cannot be used. Every problem is one line that names its key and says what is allowed. */
export class ConfigError extends StartRefused {
  override name = 'ConfigError'
  readonly problems: readonly string[]
  constructor(problems: readonly string[]) {
    super(problems.map((problem) => `config: ${problem}`).join('\n'))
    this.problems = problems
  }
}
