import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { test } from 'node:test'
import { assert as check, constantFrom, property, string } from 'fast-check'
import { digestSources, digestsOf, readChecksumFile } from './upstream-digests.ts'

const [sha1, md5, sha256] = (['sha1', 'md5', 'sha256'] as const).map((each) => hash(each, 'x')) as [
  string,
  string,
  string,
]
const fileName = 'tiny-1.0.jar'
const read = (text: string) => readChecksumFile('sha1', Buffer.from(text, 'latin1'), fileName)

test('the head of an answer says digests in the ways that repositories have', () => {
  assert.deepEqual(digestsOf({ 'x-checksum-sha1': sha1.toUpperCase(), 'x-checksum-sha256': sha256 }), {
    sha1,
    sha256,
  })
  assert.deepEqual(digestsOf({ 'x-goog-meta-checksum-md5': md5 }), { md5 })
  assert.deepEqual(digestsOf({ etag: `"{SHA1{${sha1}}}"` }), { sha1 })
  const others: Record<string, string>[] = [
    {},
    { etag: `"${md5}"` },
    { etag: `W/"{SHA1{${sha1}}}"` },
    { etag: `"{SHA1{${md5}}}"` },
    { 'x-checksum-sha1': md5 },
    { 'x-checksum-sha1': `${sha1}, ${sha1}` },
    { 'x-checksum-sha1': '' },
  ]
  for (const headers of others) assert.equal(digestsOf(headers), undefined, JSON.stringify(headers))
})

test('checksum files are asked for beside the file, the likeliest first', () => {
  const sources = digestSources('com/acme/tiny/1.0/tiny-1.0.jar')
  assert.deepEqual(
    sources.map(({ path }) => path),
    ['sha1', 'sha256', 'md5'].map((each) => `com/acme/tiny/1.0/tiny-1.0.jar.${each}`),
  )
  const said = sources.map((source, at) => source.read(Buffer.from([sha1, sha256, md5][at]!)))
  assert.deepEqual(said, [{ digests: { sha1 } }, { digests: { sha256 } }, { digests: { md5 } }])
})

test('checksum files are read as old tools wrote them', () => {
  const other = 'target/classes/tiny-1.0.jar'
  for (const text of [
    sha1,
    `${sha1}\n`,
    `\xef\xbb\xbf${sha1.toUpperCase()}\r\n`,
    `${sha1}  ${fileName}`,
    `${sha1} *${other}\n`,
    `${sha1}  tiny-1.0-${'f'.repeat(40)}.jar`,
    `${sha1} -\nsigned on Monday`,
    `SHA1(${fileName})= ${sha1}`,
    `SHA1 (${fileName}) = ${sha1}\n`,
    `SHA-1(${other})=${sha1}`,
    `${fileName}: ${sha1}`,
    `${other} ${sha1}`,
    `${sha1} ${sha1.toUpperCase()}`,
  ])
    assert.equal(read(text), sha1, text)
  const openssl3 = `SHA2-256(${fileName})= ${sha256}`
  assert.equal(readChecksumFile('sha256', Buffer.from(openssl3), fileName), sha256)
})

test('what is no checksum file is refused', () => {
  for (const text of [
    '',
    '\n',
    md5,
    sha1.slice(1),
    `${sha1}0`,
    `${sha1}-${fileName}`,
    `${sha1} ${'0'.repeat(40)}`,
    `<html><body>No such file, request ${sha1} </body></html>`,
    `<html> ${sha1} </html>`,
    `request ${sha1} failed`,
    `id = ${sha1}`,
    `other-1.0.jar: ${sha1}`,
    `{"sha1":"${sha1}"}`,
    `${sha1} ${' '.repeat(5000)}`,
  ])
    assert.throws(() => read(text), { status: 400 }, text)
})

test('nothing but a digest of the right length is ever read', () => {
  const piece = constantFrom(
    sha1,
    md5,
    sha256,
    '0'.repeat(40),
    ' ',
    '\n',
    '=',
    ':',
    '(',
    ')',
    'SHA1',
    fileName,
  )
  const texts = string({ unit: piece, maxLength: 12 })
  check(
    property(texts, (text) => {
      let digest
      try {
        digest = read(text)
      } catch {
        return
      }
      assert.ok(new RegExp(`(?<![^\\s=])${digest}(?!\\S)`).test(text.replaceAll('=', ' ')), text)
      assert.match(digest, /^[0-9a-f]{40}$/)
    }),
    { numRuns: 2000 },
  )
})
