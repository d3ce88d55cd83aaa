/** curl against the generic registry: every verb, every level, every kind of caller. */
import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { curl } from './support/curl.ts'
import type { CurlAnswer } from './support/curl.ts'
import { instanceFeed } from './support/server.ts'
import { story } from './support/story.ts'
import type { Home } from './support/story.ts'
import { levels, makeWorld, sharedServer } from './support/world.ts'
import type { World } from './support/world.ts'

const server = sharedServer()
const words = 'the bytes of a tool\n'

story('curl uploads, downloads and deletes', ['curl'], async (home) => {
  const { token, url } = await place(home)
  const file = `${url}/tool/1.0.0/tool.bin`
  const created = await curl(home, ...token, '--upload-file', 'tool.bin', file)
  assert.equal(created.status, 201)
  assert.deepEqual(JSON.parse(created.body), { message: '201 Created' })

  const got = await curl(home, ...token, file)
  assert.equal(got.status, 200)
  assert.equal(got.body, words)
  assert.equal(got.headers['x-checksum-sha256'], sha256(words))
  assert.match(got.headers['content-disposition'] ?? '', /^attachment; filename="?tool\.bin/)

  const head = await curl(home, ...token, '--head', file)
  assert.deepEqual(lasting(head), lasting(got))
  assert.equal(head.headers['content-length'], String(words.length))

  assert.equal((await curl(home, ...token, '-X', 'DELETE', file)).status, 204)
  assert.equal((await curl(home, ...token, file)).status, 404)
})

story('curl continues a download, and asks whether it changed', ['curl'], async (home) => {
  const { token, url } = await place(home)
  const file = `${url}/tool/1.0.0/tool.bin`
  await curl(home, ...token, '--upload-file', 'tool.bin', file)
  const part = await curl(home, ...token, '--range', '4-8', file)
  assert.equal(part.status, 206)
  assert.equal(part.body, words.slice(4, 9))
  assert.equal(part.headers['content-range'], `bytes 4-8/${words.length}`)
  assert.equal((await curl(home, ...token, '--range', '900-', file)).status, 416)

  const { headers } = await curl(home, ...token, '--head', file)
  const same = await curl(home, ...token, '-H', `If-None-Match: ${headers['etag']}`, file)
  assert.equal(same.status, 304)
  assert.equal(same.body, '')

  home.write('half', words.slice(0, 10))
  await home.run('curl', ['-sSf', ...token, '-C', '-', '-o', 'half', file])
  assert.equal(readFileSync(join(home.dir, 'half'), 'utf8'), words)
})

story('curl uploads a big file in chunks, and none of it without a token', ['curl'], async (home) => {
  const { token, url } = await place(home)
  const big = randomBytes(5_000_000)
  home.write('big', big)
  const file = `${url}/tool/1.0.0/big`
  const sent = ['-sS', '-o', 'answer', '-w', '%{http_code} %{size_upload}', '-T', 'big', file]
  const refused = await home.run('curl', ['-H', 'Expect: 100-continue', ...sent])
  assert.equal(refused.stdout, '401 0')
  await home.run('curl', ['-sSf', ...token, '-H', 'Transfer-Encoding: chunked', '-T', 'big', file])
  // From a bucket a file of this size comes by a redirect.
  await home.run('curl', ['-sSfL', ...token, '-o', 'back', file])
  assert.ok(readFileSync(join(home.dir, 'back')).equals(big))
})

story('curl: select=package_file, status=hidden, nested paths and latest', ['curl'], async (home) => {
  const { token, url, world } = await place(home)
  const upload = (path: string) => curl(home, ...token, '--upload-file', 'tool.bin', `${url}/${path}`)
  const { status, body } = await upload('tool/1.0.0/linux/x64/tool.bin?select=package_file')
  assert.equal(status, 201)
  const record = JSON.parse(body) as Record<string, unknown>
  assert.equal(record['size'], words.length)
  assert.equal(record['file_sha256'], sha256(words))
  assert.ok(Number.isInteger(record['id']) && Number.isInteger(record['package_id']))
  assert.equal((await curl(home, ...token, `${url}/tool/1.0.0/linux/x64/tool.bin`)).body, words)

  assert.equal((await upload('secret/1.0.0/tool.bin?status=hidden')).status, 201)
  assert.equal((await curl(home, ...token, `${url}/secret/1.0.0/tool.bin`)).status, 200)
  const packages = `${server().url}/api/v4/projects/${world.project.id}/packages`
  const names = (JSON.parse((await curl(home, ...token, packages)).body) as { name: string }[]).map(
    (one) => one.name,
  )
  assert.deepEqual(names, ['tool'])
  assert.equal((await upload('tool/1.0.0/tool.bin?status=other')).status, 400)

  home.write('tool.bin', 'newer')
  await upload('tool/1.10.0/linux/x64/tool.bin')
  assert.equal((await curl(home, ...token, `${url}/tool/latest/linux/x64/tool.bin`)).body, 'newer')
})

story('curl downloads at all three levels, with the usual carriers of a token', ['curl'], async (home) => {
  const { token, url, world } = await place(home, instanceFeed)
  await curl(home, ...token, '--upload-file', 'tool.bin', `${url}/tool/1.0.0/tool.bin`)
  home.write('.netrc', `machine 127.0.0.1 login token password ${world.token}\n`)
  const carriers = [
    token,
    ['-H', `Authorization: Bearer ${world.token}`],
    ['--user', `token:${world.token}`],
    ['--netrc'],
  ]
  for (const level of levels) {
    const file = `${world.address('generic', level)}/tool/1.0.0/tool.bin`
    for (const carrier of carriers) {
      const got = await curl(home, ...carrier, file)
      assert.deepEqual([got.status, got.body], [200, words], `${level}: ${carrier[0]}`)
    }
    assertChallenged(await curl(home, file))
    assertChallenged(await curl(home, '-H', 'PRIVATE-TOKEN: wrong', file))
  }
  const group = `${world.address('generic', 'group')}/tool/1.0.0/tool.bin`
  assert.equal((await curl(home, ...token, '--upload-file', 'tool.bin', group)).status, 405)
})

story('curl downloads anonymously what is public, and cannot upload there', ['curl'], async (home) => {
  const { token, world } = await place(home, undefined, 'public')
  const file = (level: 'project' | 'group') => `${world.address('generic', level)}/tool/1.0.0/tool.bin`
  await curl(home, ...token, '--upload-file', 'tool.bin', file('project'))
  for (const level of ['project', 'group'] as const) assert.equal((await curl(home, file(level))).body, words)
  assertChallenged(await curl(home, '--upload-file', 'tool.bin', file('project')))
  assertChallenged(await curl(home, '-X', 'DELETE', file('project')))
})

/** A new project, a file to upload, and curl's arguments that carry a token. */
async function place(home: Home, path?: string, visibility: 'private' | 'public' = 'private') {
  const world: World = await makeWorld(server(), visibility, path)
  home.write('tool.bin', words)
  return { world, url: world.address('generic'), token: ['-H', `PRIVATE-TOKEN: ${world.token}`] }
}

function assertChallenged({ status, headers }: CurlAnswer): void {
  assert.equal(status, 401)
  assert.match(headers['www-authenticate'] ?? '', /^Basic realm="[^"]+"/)
}

/** What does not differ from one request to the next. */
function lasting({ headers }: CurlAnswer): Record<string, string> {
  const { date: _date, 'x-request-id': _id, ...rest } = headers
  return rest
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
