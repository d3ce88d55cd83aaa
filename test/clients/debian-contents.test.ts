/** apt-file finds packages by the paths that they bring. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { aptFor, query, sendBytes, suite, waitForContents } from './support/debian.ts'
import { story, type Home } from './support/story.ts'
import { makeWorld, post, sharedServer } from './support/world.ts'

const server = sharedServer()
const tools = ['apt-get', 'apt-file', 'apt-ftparchive', 'dpkg-deb', 'curl', 'prlimit']

/** Builds a package by dpkg's own tools; the path of its file. */
async function build(home: Home, name: string, architecture: string, ...paths: string[]): Promise<string> {
  const tree = `trees/${name}`
  const fields = [
    ['Package', name],
    ['Version', '1.0'],
    ['Section', 'utils'],
    ['Architecture', architecture],
    ['Maintainer', 'Ann Example <ann@example.com>'],
    ['Description', name],
  ]
  home.write(`${tree}/DEBIAN/control`, fields.map((field) => `${field.join(': ')}\n`).join(''))
  for (const path of paths) home.write(`${tree}/${path}`, `${name} ${path}\n`)
  const file = `debs/${architecture}/${name}.deb`
  home.write(`debs/${architecture}/.keep`, '')
  await home.run('dpkg-deb', ['--root-owner-group', '-b', tree, file])
  return file
}

/** Whatever the width of its columns. */
const linesOf = (text: string) =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.replace(/\s+(\S+)$/, ' $1'))
    .toSorted()

story('apt-file finds packages by paths, where an owner wants the lists', tools, async (home) => {
  const world = await makeWorld(server(), 'private')
  const registry = { url: world.address('debian'), token: world.token }
  const many = Array.from({ length: 500 }, (_, at) => `usr/share/many/${at % 7}/file number ${at}`)
  const built = [
    await build(home, 'hello', 'amd64', 'usr/bin/hello', 'usr/share/common/text', 'etc/hello.conf'),
    await build(home, 'hi', 'amd64', 'usr/bin/hi', 'usr/share/common/text'),
    await build(home, 'many', 'amd64', ...many),
    await build(home, 'docs', 'all', 'usr/share/doc/docs/read me'),
  ]
  for (const file of built) await sendBytes(registry, `some.deb${query}`, readFileSync(join(home.dir, file)))
  const settings = `projects/${world.project.id}/debian_distributions`
  await post(world.server, settings, { codename: suite, contents: true })
  for (const architecture of ['amd64', 'all']) {
    const ours = linesOf(await waitForContents(registry, architecture))
    const { stdout } = await home.run('apt-ftparchive', ['contents', `debs/${architecture}`])
    // Which names no sections, unlike Debian's own lists.
    const unsectioned = ours.map((line) => line.replaceAll(/(?<=[ ,])utils\//g, ''))
    assert.deepEqual(unsectioned, linesOf(stdout))
  }
  const client = await aptFor(home, registry, { contents: true })
  await client.apt('apt-file', 'update')
  const found = async (...words: string[]) =>
    (await client.apt('apt-file', ...words)).stdout.trimEnd().split('\n')
  assert.deepEqual(await found('search', 'bin/hello'), ['hello: /usr/bin/hello'])
  assert.deepEqual(await found('search', 'common/text'), [
    'hello: /usr/share/common/text',
    'hi: /usr/share/common/text',
  ])
  assert.deepEqual(await found('list', 'docs'), ['docs: /usr/share/doc/docs/read me'])
  assert.equal((await found('list', 'many')).length, many.length)
})
