/** A format with signed indexes that owners set something for, for tests of what holds for each of those. */
import type { Format } from '../src/formats/format.ts'
import { invalid } from '../src/lib/problem.ts'
import type { TestApp } from './app.ts'

/** Lets a format of this server have signed sets of indexes; the fields of one are `key`, `alias` and `color`. */
export function letSign({ core }: Pick<TestApp, 'core'>, formatId: string): Format<any> {
  const format = core.formats.get(formatId)!
  const signing: Format<any> = {
    ...format,
    metadata: { ...format.metadata, index: (value) => value as { readonly color: string } },
    documents: { ...format.documents, suite: { of: 'set', entries: () => [], encode: async () => [] } },
    indexSettings: {
      rule: 'suite',
      path: 'suites',
      read({ key = '', alias, color = '' }, before) {
        if (color === 'none') throw invalid('color is none')
        const settings = { color: color === '' ? before?.settings.color : String(color) }
        const named = alias === undefined ? before?.alias : String(alias)
        return { key: key === '' ? (before?.key ?? '') : String(key), alias: named || undefined, settings }
      },
      json: ({ id, key, alias, settings }) => ({ id, key, alias, ...settings }),
    },
  }
  const formats = core.formats as Map<string, Format<any>>
  formats.set(formatId, signing)
  return signing
}
