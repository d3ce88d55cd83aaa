/** Long work whose steps take more or less time: others go first whenever some of it has passed. */
import { turn } from './turn.ts'

/** How long everything else may have to wait, in milliseconds. */
const patience = 5

/** One for each piece of work. */
export class Patience {
  #last = performance.now()

  /** To be asked after each step, which should take a millisecond at most. */
  async letOthersGo(): Promise<void> {
    if (performance.now() - this.#last < patience) return
    await turn()
    this.#last = performance.now()
  }
}
