/** What we derive of a suite, beside the tools that verify, unpack, make and compare such files. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { parseParagraphs } from '../../src/formats/debian/control.ts'
import { packings, sampleDeb } from '../../src/formats/debian/sample-debs.ts'
import {
  ask,
  askText,
  keyOf,
  memoryMb,
  publishDeb,
  query,
  sendBytes,
  suite,
  type DebianRegistry,
} from './support/debian.ts'
import { buildSource } from './support/debian-source.ts'
import { story, type Home } from './support/story.ts'
import { addProject, makeWorld, sharedServer } from './support/world.ts'

const server = sharedServer()

async function newRegistry(): Promise<DebianRegistry> {
  const world = await makeWorld(server(), 'private')
  return { url: world.address('debian'), token: world.token }
}

/** Keeps a part of the suite as a file in the home. */
async function fetchPart(home: Home, registry: DebianRegistry, path: string, file: string): Promise<void> {
  const reply = await ask(registry, `/dists/${suite}/${path}`)
  assert.equal(reply.status, 200, path)
  home.write(file, Buffer.from(await reply.arrayBuffer()))
}

story('gpgv accepts both signatures, and neither of another text', ['gpg', 'gpgv', 'curl'], async (home) => {
  const world = await makeWorld(server(), 'private')
  // The path is a part of the key: an armor may or may not end in padding.
  for (const path of ['x', 'xx', 'xxx']) {
    const { id } = await addProject(server(), world.group.id, path, 'private')
    const registry = { url: `${server().url}/api/v4/projects/${id}/packages/debian`, token: world.token }
    await publishDeb(home, registry, { name: `signed-${path}`, version: '1.0' })
    home.write('key.asc', await keyOf(registry))
    await home.run('gpg', ['--yes', '--dearmor', '--output', 'key.gpg', 'key.asc'])
    for (const part of ['InRelease', 'Release', 'Release.gpg']) await fetchPart(home, registry, part, part)
    await verify(home)
  }
})

async function verify(home: Home): Promise<void> {
  const textOf = (file: string) => readFileSync(join(home.dir, file), 'utf8')
  const gpgv = ['--keyring', join(home.dir, 'key.gpg')]
  await home.run('gpgv', [...gpgv, '--output', 'inside', 'InRelease'])
  assert.equal(textOf('inside'), textOf('Release'))
  await home.run('rm', ['inside'])
  await home.run('gpgv', [...gpgv, 'Release.gpg', 'Release'])
  home.write('changed', `${textOf('Release')} `)
  await home.refused('gpgv', [...gpgv, 'Release.gpg', 'changed'], /BAD signature/)
  home.write('changed', textOf('InRelease').replace('Components: main', 'Components: evil'))
  await home.refused('gpgv', [...gpgv, 'changed'], /BAD signature/)
}

story('gzip and zstd unpack lists of many members', ['gzip', 'zstd'], async (home) => {
  const registry = await newRegistry()
  // Nobody packs this well: texts of some kilobytes, all different.
  const description = (at: number) =>
    Array.from(
      { length: 100 },
      (_, line) => ` ${((at * 100 + line + 1) * 2_654_435_761).toString(36).repeat(4)}`,
    )
  for (let at = 0; at < 80; at++) {
    const fields = [`Depends: other`, 'X-Long: begins', ...description(at)]
    const sample = { name: `long-${at}`, version: '1.0', fields, packing: '.gz' } as const
    await sendBytes(registry, `long-${at}_1.0_all.deb${query}`, sampleDeb(sample))
  }
  const folder = 'main/binary-all/Packages'
  for (const ending of ['', '.gz', '.zst'])
    await fetchPart(home, registry, `${folder}${ending}`, `Packages${ending}`)
  const plain = readFileSync(join(home.dir, 'Packages'))
  const members = { '.gz': Buffer.from('1f8b08', 'hex'), '.zst': Buffer.from('28b52ffd', 'hex') }
  for (const [ending, start] of Object.entries(members)) {
    const packed = readFileSync(join(home.dir, `Packages${ending}`))
    assert.ok(packed.indexOf(start, 1) > 0, `${ending} has several members`)
    const tool = ending === '.gz' ? 'gzip' : 'zstd'
    await home.run('bash', ['-c', `${tool} -dc Packages${ending} >unpacked`])
    assert.ok(readFileSync(join(home.dir, 'unpacked')).equals(plain), ending)
    await home.run(tool, ['-t', `Packages${ending}`])
  }
})

/** What says where files lie, digests that only one of the two has, and what a .changes says of a source package. */
const aside = ['filename', 'directory', 'sha1', 'sha512', 'checksums-sha1', 'checksums-sha512']
const ofChanges = ['section', 'priority']

/** Paragraphs with their fields sorted. */
function stanzas(text: string, dropped: readonly string[]): readonly Record<string, string>[] {
  const found = parseParagraphs('a list', Buffer.from(text), { paragraphs: 1000 }).map((fields) => {
    const pairs = fields.map(([name, value]) => [name.toLowerCase(), value] as const)
    return Object.fromEntries(pairs.filter(([name]) => !dropped.includes(name)).toSorted())
  })
  return found.toSorted((a, b) => (a['package']! < b['package']! ? -1 : 1))
}

/** Packages of every packing, with fields that are written oddly; their names. */
async function publishOdd(home: Home, registry: DebianRegistry): Promise<readonly string[]> {
  const more = [
    'Depends: a (>= 1),',
    ' b | c',
    'X-Odd: \u00FC : #',
    'multi-arch: foreign',
    'Installed-Size: 12',
  ]
  const fields = [...more, 'Section: net', 'Priority: extra']
  for (const [at, packing] of packings.entries()) {
    const file = `odd-${at}_2.${at}~b-1_all.deb`
    const bytes = sampleDeb({ name: `odd-${at}`, version: `1:2.${at}~b-1`, fields, packing })
    home.write(`pool/${file}`, bytes)
    await sendBytes(registry, file + query, bytes)
  }
  return packings.map((_, at) => `odd-${at}`)
}

const makers = ['apt-ftparchive', 'dpkg-deb', 'dpkg-buildpackage', 'prlimit']
story('lists say what apt-ftparchive says of the same files', makers, async (home) => {
  const registry = await newRegistry()
  const changes = await buildSource(home, 'work', '1.0-1', '-sa')
  const built = [...readFileSync(changes, 'utf8').matchAll(/^ [0-9a-f]{64} \d+ (\S+)$/gm)].map(
    ([, name]) => name!,
  )
  for (const file of [...built, basename(changes)]) {
    const bytes = readFileSync(join(dirname(changes), file))
    await sendBytes(registry, file, bytes)
    home.write(`pool/${file}`, bytes)
  }
  const names = ['greet', 'greet-data', ...(await publishOdd(home, registry))]
  const list = (path: string) => askText(registry, `/dists/${suite}/${path}`)
  const scanned = async (what: 'packages' | 'sources') =>
    (await home.run('apt-ftparchive', [what, 'pool'], { memoryMb })).stdout
  const machine = (await home.run('dpkg', ['--print-architecture'])).stdout.trim()
  const lists = [`main/binary-${machine}`, 'contrib/binary-all'].map((folder) => list(`${folder}/Packages`))
  const ours = stanzas((await Promise.all(lists)).join(''), aside)
  assert.deepEqual(ours, stanzas(await scanned('packages'), aside))
  assert.deepEqual(
    ours.map((one) => one['package']),
    names,
  )
  const ourSources = stanzas(await list('main/source/Sources'), [...aside, ...ofChanges])
  assert.deepEqual(ourSources, stanzas(await scanned('sources'), [...aside, ...ofChanges]))
  assert.equal(ourSources.length, 1)
})

story('versions stand in a list in the order of dpkg', ['dpkg'], async (home) => {
  const registry = await newRegistry()
  const versions = [
    '1.0',
    '1.0~rc1',
    '1.0-1',
    '1.0+b1',
    '1.0-1+b1',
    '1.0-1~bpo1',
    '1.10',
    '1.9',
    '1:0~',
    '1.0a',
    '1.0.1',
    '01.2',
    '1.0-10',
    '1.0-2',
    '2:0',
  ]
  for (const version of versions) {
    const name = `many_${version.replace(/^\d+:/, '')}_all.deb`
    await sendBytes(
      registry,
      encodeURIComponent(name) + query,
      sampleDeb({ name: 'many', version, packing: '.gz' }),
    )
  }
  const text = await askText(registry, `/dists/${suite}/main/binary-all/Packages`)
  const listed = [...text.matchAll(/^Version: (.*)$/gm)].map(([, version]) => version!)
  assert.deepEqual(listed.toSorted(), versions.toSorted())
  for (const [at, version] of listed.slice(1).entries())
    await home.run('dpkg', ['--compare-versions', listed[at]!, 'lt', version])
})
