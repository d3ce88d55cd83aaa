import assert from 'node:assert/strict'
import { test } from 'node:test'
import { latin1Entities } from './latin1-entities.ts'
import { escapeXml, readXml, readXmlAtOnce } from './xml.ts'

async function elements(text: string | Uint8Array, reader = {}): Promise<string[]> {
  const found: string[] = []
  const bytes = typeof text === 'string' ? Buffer.from(text) : text
  await readXml('the sample', bytes, { ...reader, element: (path, inner) => found.push(`${path}=${inner}`) })
  return found
}

test('elements come with their path and own text, inner ones first', async () => {
  assert.deepEqual(await elements('<a> x<b>1 &amp; <![CDATA[<2>]]></b>y <!-- no --></a>'), [
    'a/b=1 & <2>',
    'a=xy',
  ])
})

test('the encoding follows byte order mark and declaration', async () => {
  assert.deepEqual(
    await elements(Buffer.from('<?xml version="1.0" encoding="ISO-8859-1"?><a>\xe9</a>', 'latin1')),
    ['a=é'],
  )
  assert.deepEqual(await elements(Buffer.from('\ufeff<a>é</a>', 'utf16le')), ['a=é'])
  await assert.rejects(elements(Buffer.from('<a>\xe9</a>', 'latin1')), /the sample is not valid utf-8/)
  await assert.rejects(elements('<?xml version="1.0" encoding="x-none"?><a/>'), /is not valid x-none/)
})

test('named entities are only those given', async () => {
  assert.deepEqual(await elements('<a>&oslash;&yuml;</a>', { entities: latin1Entities }), ['a=øÿ'])
  await assert.rejects(elements('<a>&oslash;</a>'), /undefined entity/)
})

test('broken and costly documents are refused with 400', async () => {
  const limits = { depth: 3, elements: 5, text: 10 }
  const refusals: [string, RegExp][] = [
    ['', /not well-formed/],
    ['text', /not well-formed/],
    ['<a><b></a>', /not well-formed/],
    ['<a/><b/>', /not well-formed/],
    ['<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', /document type/],
    ['<a><a><a><a/></a></a></a>', /nested deeper than 3/],
    ['<a><b/><b/><b/><b/><b/></a>', /more than 5 elements/],
    ['<a>12345678901</a>', /more than 10 characters/],
    ['<a>\u0001</a>', /not well-formed/],
  ]
  for (const [text, message] of refusals) {
    await assert.rejects(elements(text, { limits }), (error: Error & { status: number }) => {
      assert.match(error.message, message)
      assert.equal(error.status, 400)
      return true
    })
  }
})

test('a document longer than one stretch is read whole', async () => {
  const found = await elements(`<a>${'<b>é</b>'.repeat(20_000)}</a>`)
  assert.equal(found.length, 20_001)
  assert.ok(found.slice(0, -1).every((each) => each === 'a/b=é'))
})

test('white space between elements counts as nothing, behind text as text', async () => {
  const limits = { depth: 3, elements: 100, text: 10 }
  const many = `<a>\n${'      <b>1</b>\n'.repeat(50)}</a>`
  assert.equal((await elements(many, { limits })).length, 51)
  assert.deepEqual(await elements('<a> \n <b/> \n 1 <b/> 2 </a>', { limits }), ['a/b=', 'a/b=', 'a=1  2'])
  await assert.rejects(elements(`<a>1${'  <b/>'.repeat(5)}</a>`, { limits }), /more than 10 characters/)
})

test('read at once, a document is the same and is refused the same', () => {
  const found: string[] = []
  const element = (path: string, text: string) => found.push(`${path}=${text}`)
  readXmlAtOnce('the sample', Buffer.from('<a>x<b>1 &amp; 2</b></a>'), { element })
  assert.deepEqual(found, ['a/b=1 & 2', 'a=x'])
  for (const broken of ['<a><b></a>', '<a>', '<!DOCTYPE a><a/>', '<a>&b;</a>'])
    assert.throws(() => readXmlAtOnce('the sample', Buffer.from(broken)), { status: 400 })
})

test('escaped text reads back as it was', async () => {
  const text = `<&>"' é`
  assert.deepEqual(await elements(`<a>${escapeXml(`${text}\u0000\u0008`)}</a>`), [`a=${text}`])
})
