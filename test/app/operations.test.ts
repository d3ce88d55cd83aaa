/** What a request asks of the database and the disk, for every format: counted, so that it cannot creep up unseen. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { abbreviatedType } from '../../src/formats/npm/packument.ts'
import { sampleBody } from '../../src/formats/npm/samples.ts'
import { call, succeeded, type Caller } from '../../src/formats/testing/http.ts'
import type { ClientRequest } from '../../src/formats/testing/samples.ts'
import { createTestApp, type TestApp } from '../app.ts'

type Cost = readonly [statements: number, opens: number, renders: number]

const get = (path: string, headers: Record<string, string> = {}): ClientRequest => ({
  method: 'GET',
  path,
  headers,
})
const put = (path: string, body: string): ClientRequest => ({ method: 'PUT', path, body })

const requests = {
  packument: get('/npm/tiny'),
  'short packument': get('/npm/tiny', { accept: abbreviatedType, 'accept-encoding': 'gzip' }),
  tarball: get('/npm/tiny/-/tiny-1.0.0.tgz'),
  'generic file': get('/generic/tiny/1.0/file.bin'),
  'part of a generic file': get('/generic/tiny/1.0/file.bin', { range: 'bytes=1-2' }),
  'Maven metadata': get('/maven/acme/app/tiny/maven-metadata.xml'),
  'checksum of Maven metadata': get('/maven/acme/app/tiny/maven-metadata.xml.sha1'),
  'Maven file': get('/maven/acme/app/tiny/1.0/tiny-1.0.jar'),
  'Maven checksum': get('/maven/acme/app/tiny/1.0/tiny-1.0.jar.sha1'),
}
type Reading = keyof typeof requests

/** Of the first request after a write in the same registry: statements, files opened, documents rendered. One
 *  asks whether any registry of the format fills from another, where its registries may. */
const afterWrite: Readonly<Record<Reading, Cost>> = {
  packument: [12, 0, 1],
  'short packument': [12, 0, 1],
  tarball: [9, 0, 0],
  'generic file': [8, 0, 0],
  'part of a generic file': [8, 0, 0],
  'Maven metadata': [12, 0, 1],
  'checksum of Maven metadata': [12, 0, 1],
  'Maven file': [9, 0, 0],
  'Maven checksum': [9, 0, 0],
}
/** Of a request that was asked before, by whomever: only the shared look whether anything was committed. */
const hot: Cost = [1, 0, 0]
/** Of publishing one more version, just after another one. */
const publishing: Readonly<Record<'npm' | 'generic' | 'maven', Cost>> = {
  npm: [24, 0, 0],
  generic: [23, 0, 0],
  maven: [30, 0, 0],
}

function uploadOf(format: keyof typeof publishing, version: string): ClientRequest {
  const content = `content of ${version}`
  if (format === 'generic') return put(`/generic/tiny/${version}/file.bin`, content)
  if (format === 'maven') return put(`/maven/acme/app/tiny/${version}/tiny-${version}.jar`, content)
  return put('/npm/tiny', JSON.stringify(sampleBody({ name: 'tiny', version: `${version}.0`, content })))
}

async function openSockets(url: string, count: number): Promise<Socket[]> {
  const { hostname, port } = new URL(url)
  const sockets = Array.from({ length: count }, () => connect(Number(port), hostname))
  await Promise.all(sockets.map((socket) => once(socket, 'connect')))
  return sockets
}

/** Asks for the packument on every socket in one go, and waits for all answers. */
async function askTogether(sockets: readonly Socket[], at: string, token: string): Promise<void> {
  const { pathname, host } = new URL(at)
  const asked = [
    `GET ${pathname}/npm/tiny HTTP/1.1`,
    `Host: ${host}`,
    `Private-Token: ${token}`,
    '',
    '',
  ].join('\r\n')
  const answers = sockets.map((socket) => once(socket, 'data') as Promise<[Buffer]>)
  for (const socket of sockets) socket.write(asked)
  for (const [data] of await Promise.all(answers)) assert.match(data.toString(), /^HTTP\/1\.1 200 /)
}

describe('operations', () => {
  let app: TestApp
  let at = ''

  before(async () => {
    app = await createTestApp()
    // It looks for work every second, which would be counted.
    await app.app.worker.stop()
    await app.group('acme', { visibility: 'public' })
    const { id } = await app.project('acme/app', { visibility: 'public' })
    at = `${app.url}/api/v4/projects/${id}/packages`
    for (const format of ['npm', 'generic', 'maven'] as const) await publish(format, '1.0')
  })
  after(() => app.close())

  const publish = async (format: keyof typeof publishing, version: string) =>
    succeeded(await call(app.root, at, uploadOf(format, version)))
  const read = async (caller: Caller, reading: Reading, level = at) =>
    succeeded(await call(caller, level, requests[reading]))

  async function costOf(act: () => Promise<unknown>): Promise<Cost> {
    const { database, blobs, documents } = app.core
    const count = () => [database.counts.statements, blobs.counts.opens, documents.counts.renders] as const
    const earlier = count()
    await act()
    return count().map((value, index) => value - earlier[index]!) as unknown as Cost
  }

  it('hot requests look once whether anything changed, and do nothing else', async () => {
    const reader = await app.user('rita')
    const levels = [at, `${app.url}/api/v4/groups/acme/-/packages`]
    for (const reading of Object.keys(requests) as Reading[]) {
      for (const level of levels) {
        for (const caller of [app.root, reader, app.anonymous]) {
          await read(caller, reading, level)
          assert.deepEqual(await costOf(() => read(caller, reading, level)), hot, `${reading} at ${level}`)
        }
      }
    }
  })

  it('100 hot requests at once share their looks', async () => {
    await read(app.root, 'packument')
    const sockets = await openSockets(app.url, 100)
    await askTogether(sockets, at, app.root.token)
    const [statements, opens, renders] = await costOf(() => askTogether(sockets, at, app.root.token))
    for (const socket of sockets) socket.destroy()
    assert.ok(statements <= 10, `${statements} statements for 100 requests`)
    assert.deepEqual([opens, renders], [0, 0])
  })

  it('100 requests at once after a write render once', async () => {
    await publish('npm', '1.1')
    const [, opens, renders] = await costOf(() =>
      Promise.all(Array.from({ length: 100 }, () => read(app.root, 'packument'))),
    )
    assert.deepEqual([opens, renders], [0, 1])
  })

  for (const format of ['npm', 'generic', 'maven'] as const) {
    it(`publishing another ${format} version costs what it did`, async () => {
      await publish(format, '1.2')
      for (const version of ['1.3', '1.4'])
        assert.deepEqual(await costOf(() => publish(format, version)), publishing[format], version)
    })
  }

  for (const reading of Object.keys(requests) as Reading[]) {
    it(`the first ${reading} after a write costs what it did`, async () => {
      const format = requests[reading].path.split('/')[1] as keyof typeof publishing
      await read(app.root, reading)
      await publish(format, `2.${Object.keys(requests).indexOf(reading)}`)
      assert.deepEqual(await costOf(() => read(app.root, reading)), afterWrite[reading])
    })
  }
})
