/** Memory stays flat however big a file is. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { hashOf, pieces, roundTrip } from './large-files.ts'
import { startServer, type ServerProcess } from './process.ts'

/** In MB. */
const limit = 250
const project = '/api/v4/projects/acme%2Fapp/packages'

/** The publish document of npm, its tarball's Base64 in the middle. */
function* npmBody(name: string, size: number): Generator<Buffer> {
  const version = '1.0.0'
  const integrity = `sha512-${hashOf('sha512', size).toString('base64')}`
  const head = {
    name,
    'dist-tags': { latest: version },
    versions: { [version]: { name, version, dist: { integrity } } },
  }
  yield Buffer.from(`${JSON.stringify(head).slice(0, -1)},"_attachments":{"${name}-${version}.tgz":{"data":"`)
  // A piece is a multiple of three bytes, so that the texts can be joined.
  for (const next of pieces(size)) yield Buffer.from(next.toString('base64'))
  yield Buffer.from('"}}}')
}

describe('memory', () => {
  let dir = ''
  let server: ServerProcess

  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'entrepot-memory-'))
    server = (await startServer({ data: join(dir, 'data') }))!
  })
  after(async () => {
    try {
      await server.stop()
    } finally {
      await rm(dir, { recursive: true, force: true })
    }
  })

  it(`stays under ${limit} MB with a 200 MB npm tarball`, async () => {
    const size = 200_000_000
    const path = { up: `${project}/npm/large`, down: `${project}/npm/large/-/large-1.0.0.tgz` }
    await roundTrip(server, { title: 'npm, 200 MB', ...path, body: npmBody('large', size), size, limit })
  })

  it(`stays under ${limit} MB with a 2 GB generic file`, async () => {
    const size = 2_000_000_000
    const path = `${project}/generic/large/1.0/file.bin`
    await roundTrip(server, { title: 'generic, 2 GB', up: path, down: path, body: pieces(size), size, limit })
  })
})
