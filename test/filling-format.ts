/** A format that fills from others, for tests of what holds for each of those. */
import type { Format } from '../src/formats/format.ts'
import type { TestApp } from './app.ts'

/** Lets a format of this server have upstreams; nothing is ever asked of them by its registries. */
export function letFill({ core }: Pick<TestApp, 'core'>, formatId: string): void {
  const format = core.formats.get(formatId)!
  const spell = (pattern: string) => pattern.toLowerCase()
  const filling: Format<any> = {
    ...format,
    names: { ...format.names, spell },
    upstream: { document: () => undefined, file: () => undefined },
  }
  const formats = core.formats as Map<string, Format<any>>
  formats.set(formatId, filling)
}
