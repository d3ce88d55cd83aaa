import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Readable } from 'node:stream'
import { test, type TestContext } from 'node:test'
import { gunzipSync, gzipSync } from 'node:zlib'
import { jsonContent, type BlobContent, type Content } from './content.ts'
import { startLoopback } from './loopback.testing.ts'
import { send, type SendOptions } from './send.ts'

const mebibyte = 1024 * 1024

/** Serves `content` at every path; `failures` collects what `send` rejected with, answered 500 where that is possible. */
async function serve(t: TestContext, content: Content, options: SendOptions = {}) {
  const failures: unknown[] = []
  const loopback = await startLoopback(t, async (req, res) => {
    try {
      await send(req, res, 200, { 'x-caller': 'yes' }, content, options)
    } catch (error) {
      failures.push(error)
      if (!res.headersSent) await send(req, res, 500, {}, jsonContent({ message: 'broken' }))
    }
  })
  return { ...loopback, failures, url: `http://127.0.0.1:${loopback.port}/` }
}

function blobOf(bytes: Buffer, opened: Readable[] = []): BlobContent {
  return {
    kind: 'blob',
    size: bytes.length,
    sha256: 'abc',
    fileName: 'a.bin',
    open(range) {
      const part = range ? bytes.subarray(range.start, range.end + 1) : bytes
      const chunks = Array.from({ length: Math.ceil(part.length / 65_536) }, (_, i) =>
        part.subarray(i * 65_536, (i + 1) * 65_536),
      )
      const stream = Readable.from(chunks)
      opened.push(stream)
      return stream
    },
  }
}

function failing(): Readable {
  return Readable.from(yieldOrThrow([new Error('bytes are gone')]))
}

async function* yieldOrThrow(items: readonly (Buffer | Error)[]) {
  for (const item of items) {
    if (item instanceof Error) throw item
    yield item
  }
}

async function* pausing() {
  yield pattern(100_000)
  await new Promise((resolve) => setTimeout(resolve, 400))
  yield pattern(100_000)
}

const pattern = (size: number) => Buffer.alloc(size, 'entrepot ')

test('a streamed blob arrives whole, in part, and not at all for HEAD', async (t) => {
  const bytes = pattern(mebibyte + 7)
  const opened: Readable[] = []
  const { url } = await serve(t, blobOf(bytes, opened))
  const whole = await fetch(url)
  assert.equal(whole.headers.get('content-length'), String(bytes.length))
  assert.equal(whole.headers.get('x-caller'), 'yes')
  assert.match(whole.headers.get('x-request-id') ?? '', /^[0-9a-f-]{36}$/)
  assert.ok(bytes.equals(Buffer.from(await whole.arrayBuffer())))
  const part = await fetch(url, { headers: { range: 'bytes=100-900000' } })
  assert.equal(part.status, 206)
  assert.ok(bytes.subarray(100, 900_001).equals(Buffer.from(await part.arrayBuffer())))
  assert.equal(opened.length, 2)
  const head = await fetch(url, { method: 'HEAD' })
  assert.equal(head.headers.get('content-length'), String(bytes.length))
  assert.equal((await fetch(url, { headers: { 'if-none-match': '"abc"' } })).status, 304)
  assert.equal(opened.length, 2)
})

test('a blob in memory is sliced, its stream never opened', async (t) => {
  const opened: Readable[] = []
  const { url } = await serve(t, { ...blobOf(pattern(1000), opened), bytes: pattern(1000) })
  const part = await fetch(url, { headers: { range: 'bytes=-10' } })
  assert.equal(await part.text(), pattern(1000).subarray(-10).toString())
  assert.equal(opened.length, 0)
})

for (const size of [5000, 3 * mebibyte]) {
  test(`a document of ${size} bytes kept compressed is decompressed for clients without gzip`, async (t) => {
    const gzip = gzipSync(pattern(size))
    const { url, exchange } = await serve(t, {
      kind: 'compressed',
      contentType: 'text/plain',
      gzip,
      size,
      etag: 'h',
    })
    const plain = await exchange('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
    assert.match(plain, new RegExp(`content-length: ${size}\r\n`))
    assert.equal(plain.slice(plain.indexOf('\r\n\r\n') + 4), pattern(size).toString())
    const part = await fetch(url, { headers: { range: 'bytes=1000-1999' } })
    assert.equal(part.headers.get('content-encoding'), null)
    assert.equal(await part.text(), pattern(size).subarray(1000, 2000).toString())
    const packed = await exchange(
      'GET / HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\nConnection: close\r\n\r\n',
    )
    const body = Buffer.from(packed.slice(packed.indexOf('\r\n\r\n') + 4), 'latin1')
    assert.ok(gunzipSync(body).equals(pattern(size)))
  })
}

test('a source that fails before its first byte can still be answered', async (t) => {
  const { url, failures } = await serve(t, { ...blobOf(pattern(10)), open: failing })
  const response = await fetch(url)
  assert.equal(response.status, 500)
  assert.deepEqual(await response.json(), { message: 'broken' })
  assert.match(String(failures[0]), /bytes are gone/)
})

for (const [what, chunks] of Object.entries({
  fails: [pattern(1000), new Error('disk')],
  'is too short': [pattern(1000)],
  'is too long': [pattern(1000), pattern(2000)],
})) {
  test(`a source that ${what} after its first byte breaks the connection off`, async (t) => {
    const { url, failures } = await serve(t, {
      ...blobOf(pattern(2000)),
      open: () => Readable.from(yieldOrThrow(chunks)),
    })
    await assert.rejects(async () => (await fetch(url)).arrayBuffer())
    assert.equal(failures.length, 1)
  })
}

test('the source is destroyed when the client goes, even while it has nothing to give', async (t) => {
  let source: Readable | undefined
  const open = () => {
    source = new Readable({ read() {} })
    source.push(pattern(100))
    return source
  }
  const { dial, failures } = await serve(t, { ...blobOf(pattern(200)), open })
  const connection = dial()
  connection.socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  await connection.until('entrepot')
  const closed = once(source!, 'close')
  connection.socket.destroy()
  await closed
  assert.deepEqual(failures, [])
})

test('a client that stops reading is cut, whether bytes are streamed or in memory', async (t) => {
  const bytes = Buffer.alloc(24 * mebibyte)
  const opened: Readable[] = []
  for (const content of [
    blobOf(bytes, opened),
    { kind: 'bytes', contentType: 'a/b', body: bytes } as const,
  ]) {
    const { dial, listener } = await serve(t, content, { stallMs: 100 })
    const connection = dial()
    const [serverSide] = await Promise.all([
      once(listener.server, 'connection'),
      once(connection.socket, 'connect'),
    ])
    connection.socket.pause()
    connection.socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    await once(serverSide[0], 'close')
  }
  assert.equal(opened[0]?.destroyed, true)
})

test('a source that pauses longer than the client may is not taken for a stalled client', async (t) => {
  const { url } = await serve(
    t,
    { ...blobOf(pattern(200_000)), open: () => Readable.from(pausing()) },
    { stallMs: 100 },
  )
  assert.equal((await (await fetch(url)).arrayBuffer()).byteLength, 200_000)
})

test('nothing happens when the client is gone already', async (t) => {
  const opened: Readable[] = []
  let done: Promise<void> | undefined
  const { dial, listener } = await startLoopback(t, async (req, res) => {
    req.socket.destroy()
    done = send(req, res, 200, {}, blobOf(pattern(100), opened))
  })
  dial().socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  await once(listener.server, 'request')
  await done
  assert.equal(opened.length, 0)
})
