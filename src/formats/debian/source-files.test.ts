import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Problem } from '../../lib/problem.ts'
import { openClearSigned } from './clear-signed.ts'
import { readSourceFile, type SourceFileKind } from './source-files.ts'

const [md5, sha1, sha256] = [32, 40, 64].map((length) => 'a1'.repeat(length / 2))
const dsc = `Format: 3.0 (quilt)
Source: hello
Binary: hello, hello-doc
Architecture: any all
Version: 1:2.10-3
Maintainer: Ann Example <ann@example.com>
Package-List:
 hello deb devel optional arch=any
Checksums-Sha1:
 ${sha1} 725946 hello_2.10.orig.tar.gz
 ${sha1} 12688 hello_2.10-3.debian.tar.xz
Checksums-Sha256:
 ${sha256} 725946 hello_2.10.orig.tar.gz
 ${sha256} 12688 hello_2.10-3.debian.tar.xz
Files:
 ${md5} 725946 hello_2.10.orig.tar.gz
 ${md5} 12688 hello_2.10-3.debian.tar.xz
`
const changes = `Format: 1.8
Date: Mon, 26 Dec 2022 16:30:00 +0100
Source: hello (2.10-3)
Binary: hello
Architecture: amd64 source
Version: 2.10-3+b1
Distribution: unstable bookworm/updates
Maintainer: Ann Example <ann@example.com>
Changes:
 hello (2.10-3) unstable; urgency=medium
 .
   * New release.
Checksums-Sha256:
 ${sha256} 53000 hello_2.10-3+b1_amd64.deb
Files:
 ${md5} 53000 devel optional hello_2.10-3+b1_amd64.deb
`
const buildinfo = `Format: 1.0
Source: hello
Architecture: amd64
Version: 2.10-3
Checksums-Md5:
 ${md5} 53000 hello_2.10-3_amd64.deb
Checksums-Sha256:
 ${sha256} 53000 hello_2.10-3_amd64.deb
Build-Architecture: amd64
Installed-Build-Depends:
 autoconf (= 2.71-3)
`
const signed = (text: string, lines = 'iQIzBAEBCgAdFiEE\n=abcd\n') =>
  `-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n${text}-----BEGIN PGP SIGNATURE-----\n\n${lines}-----END PGP SIGNATURE-----\n`
const read = (kind: SourceFileKind, text: string) => readSourceFile(kind, Buffer.from(text))

test('reads a .dsc file, signed or not', () => {
  for (const text of [dsc, signed(dsc), signed(`\n${dsc}\n`)]) {
    const { paragraph, isSigned, ...said } = read('dsc', text)
    assert.equal(isSigned, text !== dsc)
    assert.equal(paragraph.length, 10)
    assert.deepEqual(said, {
      kind: 'dsc',
      version: '1:2.10-3',
      source: 'hello',
      sourceVersion: '1:2.10-3',
      architectures: ['any', 'all'],
      distributions: [],
      files: [
        { name: 'hello_2.10.orig.tar.gz', size: 725_946, sha256, sha1, md5 },
        { name: 'hello_2.10-3.debian.tar.xz', size: 12_688, sha256, sha1, md5 },
      ],
    })
  }
})

test('reads a .changes file', () => {
  const { paragraph: _, ...said } = read('changes', changes)
  assert.deepEqual(said, {
    kind: 'changes',
    isSigned: false,
    version: '2.10-3+b1',
    source: 'hello',
    sourceVersion: '2.10-3',
    architectures: ['amd64', 'source'],
    distributions: ['unstable', 'bookworm/updates'],
    files: [
      {
        name: 'hello_2.10-3+b1_amd64.deb',
        size: 53_000,
        sha256,
        md5,
        section: 'devel',
        priority: 'optional',
      },
    ],
  })
})

test('reads a .buildinfo file', () => {
  const { files, source } = read('buildinfo', buildinfo)
  assert.deepEqual(
    [source, files],
    ['hello', [{ name: 'hello_2.10-3_amd64.deb', size: 53_000, sha256, md5 }]],
  )
})

const refusals: readonly (readonly [title: string, kind: SourceFileKind, text: string, status?: number])[] = [
  ['an unknown format', 'dsc', dsc.replace('3.0 (quilt)', '4.0')],
  ['the format of another kind', 'changes', dsc],
  ['no source', 'dsc', dsc.replace(/Source.*\n/, '')],
  ['a bad source', 'dsc', dsc.replace('Source: hello', 'Source: ../hello')],
  ['a source with a version in a .dsc', 'dsc', dsc.replace('Source: hello', 'Source: hello (1.0)')],
  ['a bad version', 'dsc', dsc.replace('1:2.10-3', 'one')],
  ['a bad version of the source', 'changes', changes.replace('(2.10-3)\nBinary', '(x)\nBinary')],
  ['a bad architecture', 'dsc', dsc.replace('any all', 'any ../all')],
  ['no architecture', 'dsc', dsc.replace('any all', '')],
  ['many architectures', 'dsc', dsc.replace('any all', 'any '.repeat(501)), 413],
  ['a bad distribution', 'changes', changes.replace('unstable bookworm', '../bookworm')],
  ['a distribution that climbs up', 'changes', changes.replace('bookworm/updates', 'bookworm/..')],
  ['no SHA-256', 'dsc', dsc.replace('Checksums-Sha256', 'Checksums-Sha512')],
  ['no Files', 'dsc', dsc.replace('Files:', 'File:')],
  ['a package in a .dsc', 'dsc', dsc.replaceAll('2.10.orig.tar.gz', '2.10-3_all.deb')],
  ['a .dsc in a .dsc', 'dsc', dsc.replaceAll('2.10.orig.tar.gz', '2.10-3.dsc')],
  ['a .changes in a .changes', 'changes', changes.replaceAll('amd64.deb', 'amd64.changes')],
  ['a path as a file name', 'dsc', dsc.replaceAll(' hello_2.10.orig', ' ../hello_2.10.orig')],
  ['a hidden file name', 'dsc', dsc.replaceAll(' hello_2.10.orig', ' .hello_2.10.orig')],
  ['a size in two lists', 'dsc', dsc.replace('725946', '725947')],
  ['a file in one list', 'dsc', dsc.replace('hello_2.10.orig', 'hello_2.11.orig')],
  ['one file less in a list', 'dsc', dsc.replace(/ (?:a1)+ 12688 .*\n/, '')],
  ['a size that is no safe integer', 'dsc', dsc.replaceAll('725946', '9'.repeat(17))],
  ['a negative size', 'dsc', dsc.replaceAll('725946', '-1')],
  ['a size with a zero before it', 'dsc', dsc.replaceAll('725946', '0725946')],
  ['a digest of another length', 'dsc', dsc.replace(` ${sha1} `, ` ${sha1}a1 `)],
  ['a digest in other digits', 'dsc', dsc.replace(` ${sha1} `, ` ${sha1!.toUpperCase()} `)],
  ['a file twice', 'changes', changes.replaceAll(/( (?:a1)+ 53000 .*\n)/g, '$1$1')],
  ['a list with words before it', 'dsc', dsc.replace('Files:', 'Files: x')],
  ['a column too few', 'changes', changes.replace('devel optional', 'devel')],
  ['a column too many', 'dsc', dsc.replaceAll('725946', '725946 x')],
  ['a bad section', 'changes', changes.replace('devel', 'de"vel')],
  ['two paragraphs', 'dsc', `${dsc}\nA: b\n`],
  ['carriage returns', 'dsc', dsc.replaceAll('\n', '\r\n')],
  ['text before the signed text', 'dsc', `A: b\n${signed(dsc)}`],
  ['an empty line before the signed text', 'dsc', `\n${signed(dsc)}`],
  ['text behind the signature', 'dsc', `${signed(dsc)}A: b\n`],
  ['an empty line behind the signature', 'dsc', `${signed(dsc)}\n`],
  ['a second signed text', 'dsc', signed(dsc) + signed(dsc)],
  ['a text in a signature', 'dsc', signed(dsc, '\n-----BEGIN PGP SIGNED MESSAGE-----\n\n')],
  ['no signature', 'dsc', `-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n${dsc}`],
  ['a signature that does not end', 'dsc', signed(dsc).replace(/-----END.*\n/, '')],
  ['another header of a signed text', 'dsc', signed(dsc).replace('Hash:', 'Charset:')],
  ['a header that is blank', 'dsc', signed(dsc).replace('SHA512\n\n', 'SHA512\n \n\n')],
  ['a field as a header', 'dsc', signed(dsc).replace('SHA512\n', 'SHA512\nSource: other\n')],
  ['a hyphen that is not escaped', 'dsc', signed(dsc).replace('Format', '-Format')],
  ['a line that is escaped, which dpkg refuses', 'dsc', signed(dsc).replace('Format', '- Format')],
  ['a signed text of many lines', 'dsc', signed('\n'.repeat(4_000_000)), 413],
  [
    'a signed message that is armoured whole',
    'dsc',
    '-----BEGIN PGP MESSAGE-----\n\nabc\n-----END PGP MESSAGE-----\n',
  ],
  ['nothing', 'dsc', ''],
  ['a huge file', 'changes', `${changes}A:\n${` ${'x'.repeat(99)}\n`.repeat(45_000)}`, 413],
]

for (const [title, kind, text, status = 400] of refusals)
  test(`refuses ${title}`, () => assert.throws(() => read(kind, text), { name: 'Problem', status }))

test('takes what was signed as it is, byte for byte', () => {
  const text = 'ü: 1\n ----- \nFrom: x  \n'
  const opened = openClearSigned('it', Buffer.from(signed(text)))
  assert.deepEqual([opened.text.toString(), opened.isSigned], [text, true])
})

test('many empty lines take little work', () => {
  for (const text of [signed('\n'.repeat(4_000_000)), '\n'.repeat(4_000_000)]) {
    const bytes = Buffer.from(text)
    const began = process.cpuUsage()
    assert.throws(() => readSourceFile('dsc', bytes), { status: 413 })
    assert.ok(process.cpuUsage(began).user < 200_000)
  }
})

test('changed and cut files are read or refused, soon', () => {
  const bytes = Buffer.from(signed(changes))
  const edits = fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.constantFrom(...Buffer.from('\n\r -:\0é/A'))))
  const property = fc.property(edits, fc.nat(bytes.length), fc.boolean(), (all, cut, isCut) => {
    const changed = Buffer.from(bytes)
    for (const [at, value] of all) changed[at] = value
    const began = performance.now()
    try {
      readSourceFile('changes', changed.subarray(0, isCut ? cut : bytes.length))
    } catch (error) {
      assert.ok(error instanceof Problem, String(error))
    }
    assert.ok(performance.now() - began < 1000)
  })
  fc.assert(property, { numRuns: 5000 })
})
