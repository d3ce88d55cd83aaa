/** Memory stays flat however big a file is, in a bucket, too. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { it } from 'node:test'
import { startVersitygw } from '../../nodes/versitygw.ts'
import { pieces, roundTrip } from '../large-files.ts'
import { startServer } from '../process.ts'

/** In MB. */
const limit = 300

it(`a 600 MB file goes into a bucket and out again with less than ${limit} MB`, async (t) => {
  const store = await startVersitygw()
  t.after(() => store.stop())
  await store.makeBucket('packages')
  const dir = await mkdtemp(join(tmpdir(), 'entrepot-s3-memory-'))
  t.after(() => rm(dir, { recursive: true, force: true }))
  const env = store.settings('packages', { ENTREPOT_PACKAGES__OBJECT_STORE__PROXY_DOWNLOAD: 'true' })
  const server = (await startServer({ data: join(dir, 'data'), env }))!
  t.after(() => server.stop())
  const size = 600_000_000
  const path = '/api/v4/projects/acme%2Fapp/packages/generic/large/1.0/file.bin'
  await roundTrip(server, { title: 'bucket, 600 MB', up: path, down: path, body: pieces(size), size, limit })
})
