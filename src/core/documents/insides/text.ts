/** How insides are kept: the label, and under it the items, sorted, each once, a line each. */
import type { Insides } from '../../../formats/format.ts'

/** Throws for what is more than a line. */
export function textOf({ label, items }: Insides): string {
  const lines = [label, ...[...new Set(items)].sort()]
  if (lines.some((line) => line.includes('\n'))) throw new Error('an item of the insides has a line break')
  return lines.map((line) => `${line}\n`).join('')
}

/** One item of a file, and what the file is called. */
export interface LabelledItem {
  readonly item: string
  readonly label: string
}

/** What such a text says, in its order. */
export function* itemsOf(text: string): Generator<LabelledItem> {
  let end = text.indexOf('\n')
  const label = text.slice(0, end)
  for (let start = end + 1; start < text.length; start = end + 1) {
    end = text.indexOf('\n', start)
    yield { item: text.slice(start, end), label }
  }
}
