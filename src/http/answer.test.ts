import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { prepareAnswer } from './answer.ts'
import { emptyContent, type BlobContent, type BytesContent, type CompressedContent } from './content.ts'

const text = 'some document '.repeat(50)
const body = Buffer.from(text)
const twin: BytesContent = {
  kind: 'bytes',
  contentType: 'application/json',
  body,
  gzip: gzipSync(body),
  etag: 'h',
}
const compressed: CompressedContent = {
  kind: 'compressed',
  contentType: 'text/plain',
  gzip: gzipSync(body),
  size: body.length,
  etag: 'h',
}
const blob: BlobContent = {
  kind: 'blob',
  size: body.length,
  sha256: 'abc',
  fileName: 'a.tgz',
  open: () => Readable.from([body]),
}
const get = (headers: Record<string, string> = {}) => ({ method: 'GET', headers })
const head = (headers: Record<string, string> = {}) => ({ method: 'HEAD', headers })

test('a coding per client, a strong ETag per coding, Vary on both', () => {
  for (const content of [twin, compressed]) {
    const plain = prepareAnswer(get(), 200, { Vary: 'Accept' }, content)
    assert.equal(plain.headers.etag, '"h"')
    assert.equal(plain.headers['content-length'], body.length)
    assert.equal(plain.headers['content-encoding'], undefined)
    assert.equal(plain.headers.vary, 'Accept, Accept-Encoding')
    assert.equal(Buffer.from(plain.body!.source.bytes!()).toString(), text)
    const small = prepareAnswer(get({ 'accept-encoding': 'gzip' }), 200, {}, content)
    assert.equal(small.headers.etag, '"h-gzip"')
    assert.equal(small.headers['content-encoding'], 'gzip')
    assert.equal(small.headers.vary, 'Accept-Encoding')
    assert.equal(small.headers['content-length'], small.body!.source.bytes!().length)
  }
  assert.equal(prepareAnswer(get(), 200, {}, blob).headers.vary, undefined)
})

test("HEAD has GET's headers and no body", () => {
  for (const content of [twin, compressed, blob]) {
    for (const headers of [{}, { 'accept-encoding': 'gzip' }] as Record<string, string>[]) {
      const answer = prepareAnswer(head(headers), 200, { 'x-y': 'z' }, content)
      assert.deepEqual(answer.headers, prepareAnswer(get(headers), 200, { 'x-y': 'z' }, content).headers)
      assert.equal(answer.body, undefined)
    }
  }
  assert.equal(prepareAnswer(head(), 404, {}, twin).headers['content-length'], body.length)
  assert.equal(prepareAnswer(head(), 404, {}, twin).body, undefined)
})

test('304 is by the coding that would be sent, without words about a body', () => {
  const answer = prepareAnswer(get({ 'if-none-match': '"h"' }), 200, { 'cache-control': 'no-cache' }, twin)
  assert.equal(answer.status, 304)
  assert.equal(answer.body, undefined)
  assert.equal(answer.headers.etag, '"h"')
  assert.equal(answer.headers.vary, 'Accept-Encoding')
  assert.equal(answer.headers['cache-control'], 'no-cache')
  assert.equal(answer.headers['content-type'], undefined)
  assert.equal(answer.headers['content-length'], undefined)
  const gzip = { 'accept-encoding': 'gzip' }
  assert.equal(prepareAnswer(get({ ...gzip, 'if-none-match': '"h"' }), 200, {}, twin).status, 200)
  assert.equal(prepareAnswer(head({ ...gzip, 'if-none-match': '"h-gzip"' }), 200, {}, twin).status, 304)
})

test('conditions and ranges are for GET and 200 only', () => {
  const asked = { 'if-none-match': '*', range: 'bytes=0-1' }
  assert.equal(prepareAnswer({ method: 'POST', headers: asked }, 200, {}, twin).status, 200)
  assert.equal(prepareAnswer(get(asked), 404, {}, twin).status, 404)
  assert.equal(prepareAnswer(head({ range: 'bytes=0-1' }), 200, {}, twin).status, 200)
})

test('If-Match that fails is 412', () => {
  const answer = prepareAnswer(get({ 'if-match': '"other"' }), 200, {}, blob)
  assert.equal(answer.status, 412)
  assert.equal(answer.headers['content-length'], 0)
  assert.equal(prepareAnswer(get({ 'if-match': '"abc"' }), 200, {}, blob).status, 200)
})

test('ranges: partial, unsatisfiable, If-Range; of documents the plain bytes', () => {
  const part = prepareAnswer(get({ range: 'bytes=5-8' }), 200, {}, blob)
  assert.equal(part.status, 206)
  assert.equal(part.headers['content-range'], `bytes 5-8/${body.length}`)
  assert.equal(part.headers['content-length'], 4)
  assert.deepEqual(part.body?.range, { start: 5, end: 8 })
  const beyond = prepareAnswer(get({ range: 'bytes=9999-' }), 200, {}, blob)
  assert.equal(beyond.status, 416)
  assert.equal(beyond.headers['content-range'], `bytes */${body.length}`)
  assert.equal(beyond.body, undefined)
  assert.equal(prepareAnswer(get({ range: 'bytes=0-1,3-4' }), 200, {}, blob).status, 200)
  assert.equal(prepareAnswer(get({ range: 'bytes=0-1', 'if-range': '"abc"' }), 200, {}, blob).status, 206)
  assert.equal(prepareAnswer(get({ range: 'bytes=0-1', 'if-range': '"old"' }), 200, {}, blob).status, 200)
  const document = prepareAnswer(get({ range: 'bytes=0-3', 'accept-encoding': 'gzip' }), 200, {}, twin)
  assert.equal(document.headers['content-encoding'], undefined)
  assert.equal(document.headers.etag, '"h"')
})

test("the caller's headers: an etag replaces ours, a content type too, framing and safety stay ours", () => {
  const theirs = {
    ETag: '"md5"',
    'Content-Type': 'application/java-archive',
    'Content-Length': '7',
    'Transfer-Encoding': 'chunked',
    'Content-Security-Policy': '',
    'content-disposition': 'inline',
  }
  const { headers } = prepareAnswer(get(), 200, theirs, blob)
  assert.equal(headers.etag, '"md5"')
  assert.equal(headers['content-type'], 'application/java-archive')
  assert.equal(headers['content-length'], body.length)
  assert.equal(headers['transfer-encoding'], undefined)
  assert.equal(headers['content-disposition'], 'attachment; filename="a.tgz"')
  assert.equal(headers['x-content-type-options'], 'nosniff')
  assert.equal(headers['content-security-policy'], "sandbox; default-src 'none'")
  assert.equal(headers['cross-origin-resource-policy'], 'same-origin')
})

test('no content: a length of 0, and nothing at all for 204', () => {
  const redirect = prepareAnswer(get(), 302, { location: '/x' }, emptyContent)
  assert.equal(redirect.headers['content-length'], 0)
  assert.equal(redirect.headers.location, '/x')
  for (const content of [emptyContent, twin]) {
    const { headers, body: nothing } = prepareAnswer(
      get(),
      204,
      { 'x-a': 'b', 'content-type': 'x/y' },
      content,
    )
    assert.deepEqual(headers, { 'x-a': 'b' })
    assert.equal(nothing, undefined)
  }
})
