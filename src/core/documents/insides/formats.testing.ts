/** What a reading thread is given in tests: a format whose files say how they are to be read. */
import type { Format, Insides } from '../../../formats/format.ts'
import { invalid, Problem } from '../../../lib/problem.ts'

const ways: Readonly<Record<string, (text: string) => Insides | Promise<Insides>>> = {
  lines: (text) => ({ label: 'a file', items: text.split(' ') }),
  invalid() {
    throw invalid('it is no such file')
  },
  broken() {
    throw new Problem(500, 'damaged', 'the bytes came out damaged')
  },
  twoLines: () => ({ label: 'a file', items: ['one\ntwo'] }),
  forever: () => new Promise(() => {}),
  large() {
    const texts: string[] = []
    for (;;) texts.push(`${Math.random()}`.repeat(100).toUpperCase())
  },
}

async function read(body: AsyncIterable<Uint8Array>): Promise<Insides> {
  let text = ''
  for await (const piece of body) text += Buffer.from(piece).toString()
  const [way = '', rest = ''] = text.split(': ')
  return ways[way]!(rest)
}

const rule = { isWanted: () => true, files: () => [], read, line: (item: string) => `${item}\n` }

export const formats = [
  {
    id: 'sample',
    documents: { all: { of: 'set', entries: () => [], encode: async () => [], insides: rule } },
  },
] as unknown as readonly Format<any>[]
