/** Our readers of Debian's files beside the tools that make them. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { createReadStream, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { writeParagraphs } from '../../src/formats/debian/control.ts'
import { readContents } from '../../src/formats/debian/read-contents.ts'
import { readDebFile } from '../../src/formats/debian/deb-file.ts'
import { readFileName } from '../../src/formats/debian/file-names.ts'
import { readSourceFile, type SourceFileKind } from '../../src/formats/debian/source-files.ts'
import { decompressed } from '../../src/lib/decompress.ts'
import { story, type Home } from './support/story.ts'

const fileOf = (path: string) => ({
  size: statSync(path).size,
  open: (range: { start: number; end?: number } = { start: 0 }) => createReadStream(path, range),
})

/** Bytes that pack in part. */
function mixed(length: number): Buffer {
  const bytes = Buffer.alloc(length)
  let state = 7
  for (let at = 0; at < length; at++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    const isFar = at > 5000 && (state >>> 28) % 4 !== 0
    bytes[at] = isFar ? bytes[at - 1 - (Math.floor(at / 700) % 5000)]! : state >>> 24
  }
  return bytes
}

const control = `Package: hello-world
Version: 1:2.10+dfsg-3
Architecture: amd64
Maintainer: Ann Example <ann@example.com>
Depends: libc6 (>= 2.36),
 libfoo1
Description: says hello
 In many ways.
 .
  * Also this one: ü
`

function writeTree(home: Home): void {
  home.write('tree/DEBIAN/control', control)
  home.write('tree/DEBIAN/conffiles', '/etc/hello.conf\n')
  home.write('tree/etc/hello.conf', 'greeting=hello\n')
  home.write('tree/usr/bin/hello world', mixed(500_000))
  for (let at = 0; at < 300; at++)
    home.write(`tree/usr/share/hello/${'long-folder/'.repeat(at % 12)}${at}`, `${at}`)
}

const packings = [
  '-Znone',
  '-Zgzip -z9',
  '-Zxz -z0',
  '-Zxz -z6',
  '-Zxz -z9 -Sextreme',
  '-Zzstd -z3',
  '-Zzstd -z19',
]

story('packages say what they say to dpkg-deb', ['dpkg-deb', 'tar'], async (home) => {
  writeTree(home)
  await home.run('ln', ['-s', '/etc/alternatives/hello', 'tree/usr/bin/hi'])
  await home.run('chmod', ['-R', 'go-w', 'tree'])
  for (const packing of [...packings, '-Zxz --no-uniform-compression']) {
    await home.run('dpkg-deb', ['--root-owner-group', ...packing.split(' '), '-b', 'tree', 'hello.deb'])
    const file = fileOf(join(home.dir, 'hello.deb'))
    const found = await readDebFile(file)
    const { stdout } = await home.run('dpkg-deb', ['-f', 'hello.deb'])
    assert.equal(writeParagraphs([found.control]), stdout, packing)
    assert.deepEqual(
      [found.name, found.version, found.architecture],
      ['hello-world', '1:2.10+dfsg-3', 'amd64'],
    )
    assert.deepEqual(found.controlFiles, ['conffiles'])
    const listed = await home.run('bash', ['-c', 'dpkg-deb --fsys-tarfile hello.deb | tar -t'])
    const paths = listed.stdout.split('\n').filter((path) => /[^/]$/.test(path) && path !== '.')
    assert.deepEqual(
      (await readContents(file.open())).items,
      paths.map((path) => path.replace('./', '')),
      packing,
    )
    await home.run('rm', ['hello.deb'])
  }
})

story('what xz and zstd packed is unpacked, byte for byte', ['xz', 'zstd'], async (home) => {
  const content = mixed(800_000)
  home.write('mixed', content)
  const commands = [0, 3, 6, 9].map((level) => `xz -${level}`)
  commands.push('xz -9e', 'xz -T2 --block-size=100KiB', 'xz -C none', 'xz -C crc32', 'xz -C sha256')
  commands.push(
    'xz --lzma2=lc=0,lp=4,pb=0,dict=4KiB',
    'xz --lzma2=lc=4,lp=0,pb=4,dict=96KiB,mode=fast,nice=2,mf=hc3',
  )
  commands.push('xz --lzma2=lc=1,lp=2,pb=3,dict=1536KiB,nice=273')
  commands.push('zstd -1', 'zstd -19', 'zstd --ultra -22', 'zstd --no-check')
  for (const command of commands) {
    const ending = command.startsWith('xz') ? '.xz' : '.zst'
    await home.run('bash', ['-c', `${command} -c <mixed >packed${ending}`])
    const path = join(home.dir, `packed${ending}`)
    const hash = createHash('sha256')
    const pieces = decompressed(path, createReadStream(path), { maxBytes: content.length })
    for await (const piece of pieces) hash.update(piece)
    assert.equal(hash.digest('hex'), createHash('sha256').update(content).digest('hex'), command)
  }
  await home.run('bash', ['-c', 'xz --x86 --lzma2 -c <mixed >packed.xz'])
  const path = join(home.dir, 'packed.xz')
  await assert.rejects(Array.fromAsync(decompressed(path, createReadStream(path), { maxBytes: 1e9 })), {
    status: 400,
  })
})

const sourceControl = `Source: hello
Section: devel
Priority: optional
Maintainer: Ann Example <ann@example.com>
Standards-Version: 4.6.2

Package: hello
Architecture: all
Description: says hello
 In many ways.
`
const changelog = `hello (1:2.10-3) unstable; urgency=medium

  * New release.

 -- Ann Example <ann@example.com>  Mon, 26 Dec 2022 16:30:00 +0100
`
const rules = `#!/usr/bin/make -f
build clean:
binary:
\tmkdir -p debian/tmp/DEBIAN
\tdpkg-gencontrol
\tdpkg-deb --root-owner-group -b debian/tmp ..
`

story(
  'what describes an upload is read as it was made',
  ['dpkg-source', 'dpkg-genchanges', 'gpg'],
  async (home) => {
    const folder = 'hello-2.10'
    home.write(`${folder}/debian/control`, sourceControl)
    home.write(`${folder}/debian/changelog`, changelog)
    home.write(`${folder}/debian/source/format`, '3.0 (quilt)\n')
    home.write(`${folder}/debian/rules`, rules)
    home.write(`${folder}/hello`, 'hello\n')
    await home.run('chmod', ['+x', `${folder}/debian/rules`])
    await home.run('tar', ['czf', 'hello_2.10.orig.tar.gz', '--exclude=debian', folder])
    const inside = { in: folder }
    await home.run('dpkg-source', ['-b', '.'], inside)
    await home.run('bash', ['-c', 'umask 022; debian/rules binary'], inside)
    await home.run('bash', ['-c', 'dpkg-genbuildinfo -O../hello_2.10-3_all.buildinfo'], inside)
    await home.run('bash', ['-c', 'dpkg-genchanges -sa >../hello_2.10-3_all.changes'], inside)

    const all = readdirSync(home.dir).filter((name) => name.startsWith('hello_'))
    assert.deepEqual(all.map((name) => readFileName(name)?.kind).toSorted(), [
      'buildinfo',
      'changes',
      'deb',
      'debian',
      'dsc',
      'orig',
    ])
    await home.run('bash', [
      '-c',
      'mkdir -m 700 .gnupg; gpg --batch --passphrase "" --quick-gen-key ann@example.com',
    ])
    for (const name of ['hello_2.10-3.dsc', 'hello_2.10-3_all.changes', 'hello_2.10-3_all.buildinfo']) {
      await home.run('gpg', ['--batch', '--clearsign', '-o', `signed-${name}`, name])
      const kind = name.split('.').at(-1) as SourceFileKind
      const plain = readSourceFile(kind, readFileSync(join(home.dir, name)))
      const signed = readSourceFile(kind, readFileSync(join(home.dir, `signed-${name}`)))
      assert.deepEqual({ ...signed, isSigned: false }, plain)
      assert.ok(signed.isSigned)
      assert.deepEqual([plain.source, plain.version, plain.sourceVersion], ['hello', '1:2.10-3', '1:2.10-3'])
      assert.ok(plain.files.length > 0)
      for (const { name: file, size, sha256 } of plain.files) {
        const bytes = readFileSync(join(home.dir, file))
        assert.deepEqual([size, sha256], [bytes.length, createHash('sha256').update(bytes).digest('hex')])
      }
    }
  },
)
