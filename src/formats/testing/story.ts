/** A package's everyday life: published, downloaded, asked for in every way HTTP knows. */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { createLinks } from '../../core/registry/links.ts'
import type { Level } from '../format.ts'
import { assertDialect, call, succeeded, type Answer } from './http.ts'
import type { ClientRequest } from './samples.ts'
import { documents, download, sample, withScene, type Scene, type Suite } from './scene.ts'

/** Headers that differ from answer to answer. */
const volatile = ['date', 'x-request-id', 'connection', 'keep-alive']

function comparable({ status, headers }: Answer): object {
  return {
    status,
    ...Object.fromEntries(Object.entries(headers).filter(([name]) => !volatile.includes(name))),
  }
}

/** The requests of everything that can be read of a published sample. */
function readings(suite: Suite): readonly ClientRequest[] {
  const pkg = sample(suite)
  return [{ method: 'GET', path: suite.samples.file(pkg).path }, ...suite.samples.documents(pkg)]
}

const withHeaders = (request: ClientRequest, headers: Record<string, string>): ClientRequest => ({
  ...request,
  headers: { ...request.headers, ...headers },
})

export function storyTests(suite: Suite): void {
  const published = (work: (scene: Scene) => Promise<void>) => () =>
    withScene(suite, async (scene) => {
      await scene.publish(scene.people.developer, scene.at, sample(suite))
      await work(scene)
    })

  it(
    'gives back the bytes that were published, as an attachment',
    published((scene) => checkBytes(suite, scene)),
  )
  it(
    'answers HEAD with the headers of GET',
    published((scene) => checkHead(suite, scene)),
  )
  it(
    'serves ranges',
    published((scene) => checkRanges(suite, scene)),
  )
  it(
    'answers 304 to whom has it already, until it changes',
    published((scene) => checkConditions(suite, scene)),
  )
  it(
    'sends documents compressed to whom asks',
    published((scene) => checkCompression(suite, scene)),
  )
  it('reads at group and instance level, and links to the level that was asked', () => checkLevels(suite))
  it('answers 405 to writing above a project, naming where to write', () => checkNotOffered(suite))
  it('shows lines to paste that contain the address of the level', () => checkSnippets(suite))
  it(
    'keeps hidden what the caller may not read',
    published((scene) => checkRefusals(suite, scene)),
  )
}

async function checkBytes(suite: Suite, { at, people }: Scene): Promise<void> {
  const { path, bytes } = suite.samples.file(sample(suite))
  const answer = succeeded(await call(people.reporter, at, { method: 'GET', path }))
  assert.deepEqual(answer.body, Buffer.from(bytes))
  assert.match(String(answer.headers['content-disposition']), /^attachment/)
  assert.equal(answer.headers['x-content-type-options'], 'nosniff')
  for (const document of await documents(suite, people.reporter, at, sample(suite))) {
    assert.equal(document.status, 200)
    assert.ok(document.text.includes(sample(suite).version))
    assert.equal(document.headers['cache-control'], 'private, no-cache')
  }
}

async function checkHead(suite: Suite, { at, people }: Scene): Promise<void> {
  for (const encoding of ['identity', 'gzip']) {
    for (const request of readings(suite)) {
      const asked = withHeaders(request, { 'accept-encoding': encoding })
      const got = await call(people.reporter, at, asked)
      const head = await call(people.reporter, at, { ...asked, method: 'HEAD' })
      assert.deepEqual(comparable(head), comparable(got), request.path)
      assert.equal(head.body.length, 0)
      assert.equal(Number(head.headers['content-length']), got.body.length, request.path)
    }
  }
}

async function checkRanges(suite: Suite, { at, people }: Scene): Promise<void> {
  const { path, bytes } = suite.samples.file(sample(suite))
  const size = bytes.length
  const get = (headers: Record<string, string>) => call(people.reporter, at, { method: 'GET', path, headers })
  const cases: readonly (readonly [range: string, start: number, end: number])[] = [
    ['bytes=0-0', 0, 1],
    ['bytes=1-3', 1, 4],
    [`bytes=${size - 2}-`, size - 2, size],
    ['bytes=-3', size - 3, size],
    ['bytes=0-999999', 0, size],
  ]
  for (const [range, start, end] of cases) {
    const answer = await get({ range })
    assert.equal(answer.status, 206, range)
    assert.deepEqual(answer.body, Buffer.from(bytes.slice(start, end)), range)
    assert.equal(answer.headers['content-range'], `bytes ${start}-${end - 1}/${size}`)
  }
  const beyond = await get({ range: `bytes=${size}-` })
  assert.deepEqual([beyond.status, beyond.headers['content-range']], [416, `bytes */${size}`])
  const { etag } = (await get({})).headers
  assert.equal((await get({ range: 'bytes=0-0', 'if-range': etag! })).status, 206)
  assert.equal((await get({ range: 'bytes=0-0', 'if-range': '"other"' })).status, 200)
}

async function checkConditions(suite: Suite, { at, people, publish }: Scene): Promise<void> {
  const known: [ClientRequest, string][] = []
  for (const request of readings(suite)) {
    const { etag } = succeeded(await call(people.reporter, at, request)).headers
    if (etag === undefined) continue
    known.push([request, etag])
    for (const value of [etag, `"other", ${etag}`, `W/${etag}`, '*']) {
      const answer = await call(people.reporter, at, withHeaders(request, { 'if-none-match': value }))
      assert.deepEqual([answer.status, answer.headers.etag, answer.body.length], [304, etag, 0], request.path)
    }
  }
  assert.ok(known.length > 0, 'the file has an ETag')
  await publish(people.developer, at, sample(suite, 'more', suite.samples.publishable[1]))
  for (const [request, etag] of known) {
    const answer = await call(people.reporter, at, withHeaders(request, { 'if-none-match': etag }))
    assert.ok(answer.status === 304 || answer.headers.etag !== etag, request.path)
  }
  for (const document of await documents(
    suite,
    people.reporter,
    at,
    sample(suite, '', suite.samples.publishable[1]),
  ))
    assert.ok(
      document.text.includes(suite.samples.publishable[1]),
      'the next request sees what was published',
    )
}

async function checkCompression(suite: Suite, { at, people }: Scene): Promise<void> {
  for (const request of suite.samples.documents(sample(suite))) {
    const plain = await call(people.reporter, at, withHeaders(request, { 'accept-encoding': 'identity' }))
    const packed = await call(people.reporter, at, withHeaders(request, { 'accept-encoding': 'gzip' }))
    assert.equal(plain.headers['content-encoding'], undefined)
    const isPacked = packed.headers['content-encoding'] === 'gzip'
    assert.deepEqual(isPacked ? gunzipSync(packed.body) : packed.body, plain.body)
    if (isPacked) assert.notEqual(packed.headers.etag, plain.headers.etag)
  }
}

/** The sample under a name that the whole instance finds below the group `acme`. */
function findable(suite: Suite) {
  const { format, samples } = suite
  return { ...sample(suite), name: format.names.owner ? samples.ownedName!('acme') : samples.names[0] }
}

async function checkLevels(suite: Suite): Promise<void> {
  await withScene(suite, async ({ at, groupAt, instanceAt, people, publish }) => {
    const pkg = findable(suite)
    await publish(people.developer, at, pkg)
    const { bytes } = suite.samples.file(pkg)
    const all = [at, groupAt, instanceAt]
    for (const level of all) {
      const got = await download(suite, people.reporter, level, pkg)
      assert.deepEqual([got.status, got.bytes], [200, Buffer.from(bytes)], level)
      for (const document of await documents(suite, people.reporter, level, pkg)) {
        assert.equal(document.status, 200, level)
        for (const other of all)
          if (other !== level)
            assert.ok(!document.text.includes(`${other}/`), `a document at ${level} links to ${other}`)
      }
    }
  })
}

async function checkNotOffered(suite: Suite): Promise<void> {
  await withScene(suite, async ({ at, groupAt, instanceAt, people }) => {
    for (const level of [groupAt, instanceAt]) {
      const [first] = suite.samples.publish(findable(suite))
      const answer = await call(people.developer, level, first!)
      assert.equal(answer.status, 405, level)
      assert.match(String(answer.headers.allow), /\bGET\b/)
      assert.ok(answer.text.includes(`${at}/`), `${answer.text} names ${at}`)
      assertDialect(suite.format, answer)
      const guest = await call(people.guest, level, first!)
      assert.ok(!guest.text.includes('acme%2Fapp'), 'nobody is told of a project that they cannot publish to')
    }
  })
}

function checkSnippets({ format, samples }: Suite): void {
  const prefixes: readonly (readonly [Level, string])[] = [
    ['project', `/api/v4/projects/7/packages/${format.id}`],
    ['group', `/api/v4/groups/7/-/packages/${format.id}`],
    ['instance', `/api/v4/packages/${format.id}`],
  ]
  for (const [level, prefix] of prefixes) {
    const links = createLinks('https://packages.example.com/sub', prefix)
    const pkg = { name: samples.names[0], version: samples.publishable[0], tags: [] }
    for (const target of [
      { links, level },
      { links, level, package: pkg },
    ]) {
      const snippets = format.install(target)
      const address = `packages.example.com/sub${prefix}`
      assert.ok(
        snippets.some(({ text }) => text.includes(address)),
        `${level}: no line contains ${address}`,
      )
      for (const { title, text } of snippets) assert.ok(title && text)
    }
  }
}

async function checkRefusals(suite: Suite, { app, at, people }: Scene): Promise<void> {
  const stranger = await app.user('sam')
  for (const request of readings(suite)) {
    const anonymous = await call(app.anonymous, at, request)
    assert.equal(anonymous.status, 401)
    assert.equal(anonymous.headers['www-authenticate'], suite.format.access.challenge)
    assert.equal((await call({ token: 'nonsense' }, at, request)).status, 401)
    assert.equal((await call(people.guest, at, request)).status, 403)
    const hidden = await call(stranger, at, request)
    const missing = await call(stranger, at.replace('app', 'none'), request)
    assert.deepEqual([hidden.status, hidden.text], [404, missing.text])
    for (const answer of [anonymous, hidden]) assertDialect(suite.format, answer)
  }
}
