/**
 * `npm run test:clients [-- <format> ...]`: real clients against one real server. Without names, every format's
 * stories (`<format>.test.ts` and `<format>-*.test.ts` beside this file). `test/clients/setup` installs the clients.
 */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'
import { startServer } from './support/server.ts'

const stories = readdirSync(import.meta.dirname).filter((file) => file.endsWith('.test.ts'))
const files = chosen(process.argv.slice(2)).map((file) => join(import.meta.dirname, file))
const server = await startServer()
process.env['CLIENTS_SERVER_URL'] = server.url
process.env['CLIENTS_SERVER_TOKEN'] = server.token

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void server.stop().finally(() => process.exit(1)))
}

let passed = 0
let failed = 0
const results = run({ files, concurrency: 2, timeout: 15 * 60_000 })
results.on('test:pass', () => passed++)
results.on('test:fail', () => failed++)
results.compose(spec).pipe(process.stdout)
results.on('end', finish)

function chosen(formats: readonly string[]): readonly string[] {
  const has = (format: string) => stories.filter((file) => file.split(/[.-]/)[0] === format)
  const unknown = formats.filter((format) => has(format).length === 0)
  if (unknown.length === 0) return formats.length === 0 ? stories : formats.flatMap(has)
  const known = [...new Set(stories.map((file) => file.split(/[.-]/)[0]))]
  process.stderr.write(`no client stories for ${unknown.join(', ')}; there are: ${known.join(', ')}\n`)
  process.exit(2)
}

async function finish(): Promise<void> {
  const log = await server.stop()
  if (failed > 0 || passed === 0) {
    process.exitCode = 1
    process.stdout.write(`\nlast lines of the server's log:\n${log.split('\n').slice(-40).join('\n')}\n`)
  }
}
