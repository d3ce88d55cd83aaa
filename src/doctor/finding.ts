/** What `entrepot doctor` found out about one thing. */
export interface Finding {
  /** What was looked at, in a word or two. */
  readonly about: string
  readonly verdict: 'ok' | 'warning' | 'problem'
  /** What is so. */
  readonly words: string
  /** What to do about it, one way a line. */
  readonly advice?: readonly string[]
}

export function ok(about: string, words: string): Finding {
  return { about, verdict: 'ok', words }
}

export function warning(about: string, words: string, ...advice: readonly string[]): Finding {
  return { about, verdict: 'warning', words, advice }
}

export function problem(about: string, words: string, ...advice: readonly string[]): Finding {
  return { about, verdict: 'problem', words, advice }
}

/** Looks, and turns what is thrown into a problem. */
export async function finding(about: string, look: () => Promise<Finding>): Promise<Finding> {
  const [found] = await findings(about, async () => [await look()])
  return found!
}

/** As `finding`, for a look that finds out several things. */
export async function findings(about: string, look: () => Promise<Finding[]>): Promise<Finding[]> {
  try {
    return await look()
  } catch (error) {
    return [problem(about, error instanceof Error ? error.message : String(error))]
  }
}
