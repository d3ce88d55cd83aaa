/** Reads the output of `strace -f`. */

export interface SystemCall {
  /** `fsync(21</data/incoming/0a1b...>) = 0` */
  readonly text: string
}

/** The calls in the order in which they returned, but writes to sockets in the order in which they began. */
export function completedCalls(output: string): SystemCall[] {
  const open = new Map<string, string>()
  const calls: SystemCall[] = []
  for (const line of output.split('\n')) {
    const [, pid, text] = /^(\d+) +(.*)$/.exec(line) ?? []
    if (pid === undefined || text === undefined) continue
    const isAnswer = text.includes('HTTP/1.1')
    const unfinished = text.endsWith('<unfinished ...>')
    if (unfinished && !isAnswer) open.set(pid, text.slice(0, -'<unfinished ...>'.length))
    const resumed = /^<\.\.\. \w+ resumed>(.*)$/.exec(text)?.[1]
    if (resumed !== undefined && open.has(pid)) {
      calls.push({ text: `${open.get(pid)}${resumed}` })
      open.delete(pid)
    } else if (resumed === undefined && (!unfinished || isAnswer)) calls.push({ text })
  }
  return calls
}
