import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { readForm } from './multipart.ts'
import { Problem } from './problem.ts'

const type = 'multipart/form-data; boundary=edge'

async function* cut(body: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < body.length; at += size) yield body.subarray(at, at + size)
}

interface Read {
  readonly name: string
  readonly fileName: string | undefined
  readonly text: string
}

async function parts(
  body: string | Uint8Array,
  size = 1000,
  contentType = type,
  most = 100,
): Promise<Read[]> {
  const found: Read[] = []
  for await (const { name, fileName, body: content } of readForm(
    cut(Buffer.from(body), size),
    contentType,
    most,
  )) {
    const chunks: Uint8Array[] = []
    for await (const chunk of content) chunks.push(chunk)
    found.push({ name, fileName, text: Buffer.concat(chunks).toString('latin1') })
  }
  return found
}

const part = (head: string, text: string) =>
  `--edge\r\nContent-Disposition: form-data; ${head}\r\n\r\n${text}\r\n`
const form = `${part('name="a"', 'one')}${part('name=b; filename="x.bin"', '\r\n--edg')}--edge--\r\n`

test('reads parts however they are cut', async () => {
  const expected = [
    { name: 'a', fileName: undefined, text: 'one' },
    { name: 'b', fileName: 'x.bin', text: '\r\n--edg' },
  ]
  for (let size = 1; size < 150; size++) assert.deepEqual(await parts(form, size), expected, String(size))
})

test('what begins like the boundary and is none is content', async () => {
  const content = '\r\n--edg\r\n-edge--\r\n\r\n--EDGE'
  assert.equal((await parts(`${part('name=a', content)}--edge--`, 3))[0]?.text, content)
  await assert.rejects(parts(form.replace('--edg\r', '--edgex\r')), /boundary/)
})

test('passes over what nobody reads', async () => {
  const names: string[] = []
  for await (const { name } of readForm(cut(Buffer.from(form), 5), type, 9)) names.push(name)
  assert.deepEqual(names, ['a', 'b'])
})

test('reads file names as clients write them', async () => {
  const names = {
    'filename="a\\"b\\\\.whl"': 'a"b\\.whl',
    'filename="a%22b%0D.whl"': 'a"b\r.whl',
    'filename=plain.whl': 'plain.whl',
    'filename="x"; filename*=utf-8\'\'na%C3%AFve.whl': 'naïve.whl',
    'filename="naïve;x.whl"': 'naïve;x.whl',
    'filename=""': '',
  }
  for (const [text, expected] of Object.entries(names)) {
    const [found] = await parts(`${part(`name="f"; ${text}`, '')}--edge--`)
    assert.equal(found?.fileName, expected, text)
  }
})

test('takes the boundary quoted and among other parameters', async () => {
  const body = `${part('name=a', 'x')}--edge--`
  for (const contentType of [
    'multipart/form-data; boundary="edge"',
    'Multipart/Form-Data; charset=utf-8; Boundary=edge; x=y',
  ])
    assert.equal((await parts(body, 9, contentType)).length, 1, contentType)
})

const refusals: readonly (readonly [title: string, body: string, status: number, contentType?: string])[] = [
  ['no form', 'a=b', 415, 'application/x-www-form-urlencoded'],
  ['no boundary', form, 415, 'multipart/form-data'],
  ['another boundary', form, 400, 'multipart/form-data; boundary=other'],
  ['an empty body', '', 400],
  ['a body that ends in a part', form.slice(0, 80), 400],
  ['a body without its last boundary', part('name=a', 'x'), 400],
  ['something before the first boundary', `x${form}`, 400],
  ['a part without a name', `${part('filename=x', 'x')}--edge--`, 400],
  [
    'a part that is no form-data',
    '--edge\r\nContent-Disposition: attachment; name=a\r\n\r\n\r\n--edge--',
    400,
  ],
  ['a part without a head', '--edge\r\n\r\nx\r\n--edge--', 400],
  ['a name twice', `${part('name=a; name=b', 'x')}--edge--`, 400],
  ['a broken head', '--edge\r\nno colon\r\n\r\n\r\n--edge--', 400],
  ['a broken disposition', `${part('name="a', 'x')}--edge--`, 400],
  ['a head without end', `--edge\r\n${'X: y\r\n'.repeat(4000)}`, 413],
  ['a part in Base64', `${part('name=a\r\nContent-Transfer-Encoding: base64', 'x')}--edge--`, 400],
  ['too many parts', `${part('name=a', 'x').repeat(101)}--edge--`, 413],
  ['a file name encoded wrongly', `${part("name=a; filename*=utf-8''%E9", 'x')}--edge--`, 400],
]

for (const [title, body, status, contentType] of refusals) {
  test(`refuses ${title} with ${status}`, () =>
    assert.rejects(
      parts(body, 7, contentType),
      (error) => error instanceof Problem && error.status === status,
    ))
}

test('any bytes are read or refused', async () => {
  const piece = fc.oneof(
    fc.constantFrom(
      '--edge',
      '\r\n',
      '--',
      '\r\n\r\n',
      'Content-Disposition: form-data; name=a',
      '"',
      'filename*=',
    ),
    fc.string({ maxLength: 5 }),
  )
  const property = fc.asyncProperty(
    fc.array(piece, { maxLength: 20 }),
    fc.integer({ min: 1, max: 9 }),
    async (texts, size) => {
      try {
        await parts(`--edge\r\n${texts.join('')}`, size)
      } catch (error) {
        assert.ok(error instanceof Problem, String(error))
      }
    },
  )
  await fc.assert(property, { numRuns: 3000 })
})
