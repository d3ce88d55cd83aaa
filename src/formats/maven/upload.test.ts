import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { FakeRegistry, send } from './fake-registry.testing.ts'

const directory = 'com/acme/tiny/1.0'
const jar = `${directory}/tiny-1.0.jar`
const digest = (algorithm: string, text: string) => createHash(algorithm).update(text).digest('hex')
const pomOf = (version: string) =>
  `<project><groupId>com.acme</groupId><artifactId>tiny</artifactId><version>${version}</version><name>Tiny</name></project>`

test('a file comes back with its checksums as headers and as files', async () => {
  const registry = new FakeRegistry()
  assert.equal((await send(registry, 'PUT', jar, 'bytes')).status, 200)
  const reply = await send(registry, 'GET', jar)
  assert.equal(reply.text, 'bytes')
  for (const algorithm of ['md5', 'sha1', 'sha256', 'sha512']) {
    assert.equal(reply.headers[`x-checksum-${algorithm}`], digest(algorithm, 'bytes'))
    const checksum = await send(registry, 'GET', `${jar}.${algorithm}`)
    assert.deepEqual(
      [checksum.text, checksum.headers['content-type']],
      [digest(algorithm, 'bytes'), 'text/plain'],
    )
  }
  await assert.rejects(send(registry, 'GET', `${jar}.asc`), { status: 404 })
  await assert.rejects(send(registry, 'GET', `${jar}.asc.sha1`), { status: 404 })
  await assert.rejects(send(registry, 'GET', 'com/acme/tiny/[1.0,)/tiny-[1.0,).pom'), { status: 404 })
})

test('a release never changes, a SNAPSHOT may', async () => {
  const registry = new FakeRegistry()
  await send(registry, 'PUT', jar, 'bytes')
  await send(registry, 'PUT', jar, 'bytes')
  await assert.rejects(send(registry, 'PUT', jar, 'other'), {
    status: 400,
    message: 'Duplicate package is not allowed',
  })
  const snapshot = 'com/acme/tiny/1-SNAPSHOT/tiny-1-SNAPSHOT.jar'
  await send(registry, 'PUT', snapshot, 'bytes')
  await send(registry, 'PUT', snapshot, 'other')
  assert.equal((await send(registry, 'GET', snapshot)).text, 'other')
})

test('the POM gives the package its metadata, whenever it comes; other files leave it', async () => {
  const registry = new FakeRegistry()
  await send(registry, 'PUT', jar, 'bytes')
  await send(registry, 'PUT', `${directory}/tiny-1.0.pom`, pomOf('1.0'))
  await send(registry, 'PUT', `${directory}/tiny-1.0-build.pom`, 'not read')
  const pkg = await registry.get('com/acme/tiny', '1.0')
  assert.equal(pkg?.metadata.pom?.name, 'Tiny')
  assert.equal(pkg?.files.length, 3)
})

test('a POM of other coordinates, a broken and an oversized one are refused and not kept', async () => {
  const registry = new FakeRegistry()
  const pom = `${directory}/tiny-1.0.pom`
  await assert.rejects(send(registry, 'PUT', pom, pomOf('1.1')), { status: 400 })
  await assert.rejects(send(registry, 'PUT', pom, '<project>'), { status: 400 })
  await assert.rejects(send(registry, 'PUT', pom, `<project>${' '.repeat(4 << 20)}</project>`), {
    status: 413,
  })
  assert.equal(registry.packages.size, 0)
})

test('a checksum after its file is compared and not stored', async () => {
  const registry = new FakeRegistry()
  await send(registry, 'PUT', jar, 'bytes')
  for (const algorithm of ['md5', 'sha1', 'sha256', 'sha512']) {
    const named = `${digest(algorithm, 'bytes').toUpperCase()}  tiny-1.0.jar\n`
    assert.equal((await send(registry, 'PUT', `${jar}.${algorithm}`, named)).status, 204)
    await assert.rejects(send(registry, 'PUT', `${jar}.${algorithm}`, digest(algorithm, 'x')), {
      status: 409,
    })
  }
  assert.equal((await registry.get('com/acme/tiny', '1.0'))?.files.length, 1)
})

test('a checksum before its file decides about it, and is no file', async () => {
  const registry = new FakeRegistry()
  assert.equal((await send(registry, 'PUT', `${jar}.sha1`, digest('sha1', 'bytes'))).status, 201)
  await assert.rejects(send(registry, 'GET', `${jar}.sha1`), { status: 404 })
  assert.equal((await send(registry, 'GET', 'com/acme/tiny/maven-metadata.xml')).text, undefined)
  await assert.rejects(send(registry, 'PUT', jar, 'other'), { status: 400 })
  await assert.rejects(send(registry, 'GET', jar), { status: 404 })
  await send(registry, 'PUT', jar, 'bytes')
  assert.equal((await send(registry, 'GET', jar)).text, 'bytes')
})

test('a checksum that came too early can be corrected, and is spent with its file', async () => {
  const registry = new FakeRegistry()
  const snapshot = 'com/acme/tiny/1-SNAPSHOT/tiny-1-SNAPSHOT.jar'
  await send(registry, 'PUT', `${snapshot}.md5`, digest('md5', 'wrong'))
  await send(registry, 'PUT', `${snapshot}.md5`, digest('md5', 'bytes'))
  await send(registry, 'PUT', snapshot, 'bytes')
  await send(registry, 'PUT', snapshot, 'next build')
  assert.equal((await send(registry, 'GET', `${snapshot}.md5`)).text, digest('md5', 'next build'))
})

test('file and checksum that cross each other are compared all the same', async () => {
  const registry = new FakeRegistry()
  registry.meanwhile = async () => {
    registry.meanwhile = undefined
    await send(registry, 'PUT', jar, 'bytes')
  }
  await assert.rejects(send(registry, 'PUT', `${jar}.sha1`, digest('sha1', 'other')), { status: 409 })
  const second = new FakeRegistry()
  second.meanwhile = async () => {
    second.meanwhile = undefined
    await send(second, 'PUT', `${jar}.sha1`, digest('sha1', 'other'))
  }
  await assert.rejects(send(second, 'PUT', jar, 'bytes'), { status: 409 })
})

test('nonsense for a checksum is refused', async () => {
  const registry = new FakeRegistry()
  for (const text of ['', 'abc', digest('md5', 'x'), `${digest('sha1', 'x')}0`, 'g'.repeat(40)]) {
    await assert.rejects(send(registry, 'PUT', `${jar}.sha1`, text), { status: 400 }, text)
  }
  await assert.rejects(send(registry, 'PUT', `${jar}.sha1`, ' '.repeat(5000)), { status: 413 })
  assert.equal(registry.packages.size, 0)
})

test("the client's own metadata is accepted and ignored, if it is XML", async () => {
  const registry = new FakeRegistry()
  const path = 'com/acme/tiny/maven-metadata.xml'
  assert.equal((await send(registry, 'PUT', path, '<metadata><version>9</version></metadata>')).status, 200)
  assert.equal((await send(registry, 'PUT', `${path}.sha1`, digest('sha1', 'x'))).status, 200)
  assert.equal((await send(registry, 'GET', path)).text, undefined)
  await assert.rejects(send(registry, 'PUT', path, '<metadata>'), { status: 400 })
  await assert.rejects(send(registry, 'PUT', `${path}.sha1`, 'x'), { status: 400 })
  await assert.rejects(send(registry, 'PUT', path, `<metadata>${' '.repeat(1 << 20)}</metadata>`), {
    status: 413,
  })
})
