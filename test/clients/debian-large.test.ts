/** A package of one gigabyte goes up, comes down and is looked into, and the server's memory stays flat. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { peakOf, startServer } from '../faults/process.ts'
import { aptFor, memoryMb, query, suite, waitForContents } from './support/debian.ts'
import { story } from './support/story.ts'
import { post } from './support/world.ts'

/** The most memory that the server may ever have had, in MB. */
const limit = 300
/** What the thread that looks inside of files may add. */
const thread = 150
const size = 1_000_000_000
const control = `Package: large
Version: 1.0
Architecture: all
Maintainer: Ann Example <ann@example.com>
Description: very large
`

async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return hash.digest('hex')
}

const tools = ['dpkg-deb', 'curl', 'apt-get', 'gpgv', 'prlimit']
story(`a package of 1 GB takes less than ${limit} MB of memory`, tools, async (home) => {
  const file = 'large_1.0_all.deb'
  const options = { memoryMb, timeoutMs: 300_000 }
  home.write('tree/DEBIAN/control', control)
  await home.run('bash', ['-c', `head -c ${size} /dev/urandom >tree/large`], options)
  await home.run('dpkg-deb', ['--root-owner-group', '-Znone', '-b', 'tree', file], options)
  await home.run('rm', ['-r', 'tree'])
  const server = (await startServer({ data: join(home.dir, 'data') }))!
  try {
    const url = `${server.url}/api/v4/projects/acme%2Fapp/packages/debian`
    const registry = { url, token: server.token }
    const began = performance.now()
    const send = ['-sS', '--fail-with-body', '--user', `anyone:${server.token}`, '--upload-file', file]
    await home.run('curl', [...send, `${url}/${file}${query}`], options)
    const uploaded = performance.now()
    const client = await aptFor(home, registry)
    await client.apt('apt-get', 'update', '--error-on=any')
    await client.apt('apt-get', 'download', 'large')
    const most = await peakOf(server.pid)
    const downloaded = performance.now()
    await post(server, 'projects/acme%2Fapp/debian_distributions', { codename: suite, contents: true })
    assert.match(await waitForContents(registry, 'all'), /^large +large\n$/)
    const listed = performance.now()
    const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`
    const times = `up ${seconds(uploaded - began)}, down ${seconds(downloaded - uploaded)}`
    const after = await peakOf(server.pid)
    console.log(`Debian, 1 GB: ${times}, at most ${most.toFixed(0)} MB of memory`)
    console.log(`its paths are listed after ${seconds(listed - downloaded)}, with ${after.toFixed(0)} MB`)
    const [sent, received] = [join(home.dir, file), join(client.root, file)]
    assert.ok((await stat(sent)).size > size)
    assert.equal(await digestOf(received), await digestOf(sent))
    assert.ok(most < limit, `the server took ${most} MB`)
    assert.ok(after < limit + thread, `the server took ${after} MB when it looked inside`)
  } finally {
    await server.stop()
  }
})
