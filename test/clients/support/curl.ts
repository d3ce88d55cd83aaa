import assert from 'node:assert/strict'
import type { Home } from './story.ts'

/** An answer as curl received it: of several (100 Continue), the last. */
export interface CurlAnswer {
  readonly status: number
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** Runs curl and takes its output apart; `args` are curl's own. Bodies are text. */
export async function curl(home: Home, ...args: readonly string[]): Promise<CurlAnswer> {
  const { stdout } = await home.run('curl', ['-sS', '-i', ...args])
  let rest = stdout
  for (;;) {
    const end = rest.indexOf('\r\n\r\n')
    assert.notEqual(end, -1, `an HTTP answer: ${stdout}`)
    const [line = '', ...fields] = rest.slice(0, end).split('\r\n')
    const status = Number(line.split(' ')[1])
    rest = rest.slice(end + 4)
    if (status < 200) continue
    return { status, headers: Object.fromEntries(fields.map(field)), body: rest }
  }
}

function field(line: string): readonly [string, string] {
  const colon = line.indexOf(':')
  return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
}
