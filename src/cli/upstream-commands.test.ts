import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { parseArgs } from 'node:util'
import { createTestApp, type TestApp } from '../../test/app.ts'
import { letFill } from '../../test/filling-format.ts'
import { formatOf } from '../app.ts'
import type { ClientMachine, Format } from '../formats/format.ts'
import type { Command } from './command.ts'
import { upstreamAdd } from './upstream-add.ts'
import { upstreamList } from './upstream-list.ts'
import { upstreamRemove } from './upstream-remove.ts'
import { upstreamSet } from './upstream-set.ts'
import { upstreamTest } from './upstream-test.ts'

let app: TestApp
before(async () => {
  app = await createTestApp()
  letFill(app, 'generic')
  await app.project('acme/app')
})
after(() => app.close())

/** Runs a command in this process. */
async function run(command: Command, line: string, { input = '', env = {} } = {}) {
  const out: string[] = []
  const err: string[] = []
  const args = line === '' ? [] : line.split(' ')
  const options = { ...command.options, json: { type: 'boolean' } as const }
  const parsed = parseArgs({ args, options, allowPositionals: true })
  const process = {
    env: { ENTREPOT_URL: app.url, ENTREPOT_TOKEN: app.root.token, ...env },
    out: (text: string) => void out.push(text),
    err: (text: string) => void err.push(text),
    input: async () => input,
  }
  const code = (await command.run(parsed as never, process)) ?? 0
  return { code, out: out.join('\n'), err: err.join('\n') }
}
const added = async (line: string, more = {}) =>
  JSON.parse((await run(upstreamAdd, `generic ${line} --json`, more)).out)

test('upstreams are added, listed, changed and removed at every place', async () => {
  const one = await run(upstreamAdd, 'generic --group acme --url https://one.example/all')
  assert.match(one.out, /^upstream \d+ was added: one.example, https:\/\/one.example\/all$/)
  const secret = join(app.config.data, 'password')
  writeFileSync(secret, 'hunter2\n')
  const two = await added(
    `--group acme --url https://two.example --name two --username bot --password-file ${secret} --ttl 2h --include a-* --include b --exclude c --keep-days-unused 30 --max-bytes 2GB --offline --anonymous-fill --position 1`,
  )
  const { id, created_at: _, updated_at: __, group_id: ___, ...told } = two
  assert.deepEqual(told, {
    format: 'generic',
    name: 'two',
    url: 'https://two.example',
    position: 1,
    username: 'bot',
    credential_set: true,
    ttl: 7200,
    include: ['a-*', 'b'],
    exclude: ['c'],
    keep_days_unused: 30,
    max_bytes: 2_000_000_000,
    anonymous_fill: true,
    offline: true,
    mixes: false,
    source: 'hand',
  })
  const { out } = await run(upstreamList, '--group acme')
  assert.deepEqual(
    out.split('\n').map((line) => line.replace(/^\d+ +/, '')),
    [
      'generic  1.  two          https://two.example      with a credential, offline',
      'generic  2.  one.example  https://one.example/all',
    ],
  )
  const back = `${id} --group acme --no-offline --ttl 0 --max-bytes none --no-credential`
  assert.equal((await run(upstreamSet, back)).out, `upstream ${id} was changed`)
  const [first] = JSON.parse((await run(upstreamList, '--group acme --json')).out)
  assert.deepEqual(
    [first.offline, first.ttl, first.max_bytes, first.keep_days_unused, first.credential_set],
    [false, 0, null, 30, false],
  )
  assert.equal((await run(upstreamRemove, `${id} --group acme`)).out, `upstream ${id} was removed`)
  await assert.rejects(run(upstreamRemove, `${id} --group acme`), /404 Upstream Not Found/)

  const ofProject = await added('--project acme/app --url https://project.example --token-file -', {
    input: 'abc',
  })
  assert.deepEqual([ofProject.username, ofProject.credential_set], [null, true])
  const moved = await run(upstreamSet, `${ofProject.id} --project acme/app --url https://elsewhere.example`)
  assert.match(moved.out, /is now upstream \d+: elsewhere.example.*\nit has no credential any more/)
  await run(upstreamAdd, 'generic --url https://all.example')
  assert.match((await run(upstreamList, '--format generic')).out, /https:\/\/all.example/)
  assert.equal((await run(upstreamList, '--format npm')).out, 'no upstreams')
})

test('a test says how it went, and fails where the upstream cannot be used', async () => {
  const { id } = await added(`--group acme --url http://127.0.0.1:1`)
  const { code, out } = await run(upstreamTest, `${id} --group acme`)
  assert.deepEqual([code, out], [1, 'not reachable'])
  const { id: answering } = await added(
    `--group acme --url ${app.url.replace('127.0.0.1', 'localhost')}/nothing`,
  )
  const answered = await run(upstreamTest, `${answering} --group acme`)
  assert.deepEqual([answered.code, answered.out], [0, 'it answers (404)'])
})

test('the address that the client on this machine uses is taken over, and printed without its password', async () => {
  const format = formatOf('generic') as { -readonly [K in keyof Format]: Format[K] }
  let address: string | undefined = 'https://mirror.example/all/'
  const clientAddress = async ({ read }: ClientMachine) =>
    (await read('~/no-such-settings')) === undefined ? address : 'https://wrong.example'
  format.upstream = { clientAddress, document: () => undefined, file: () => undefined }
  try {
    const made = await run(upstreamAdd, 'generic --from-client --group acme')
    assert.match(made.out, /mirror.example, https:\/\/mirror.example\/all$/)
    assert.match(made.err, /^the client of .* on this machine uses https:\/\/mirror.example\/all\/$/)
    address = `${app.url}/api/v4/groups/acme/-/packages/generic/`
    await assert.rejects(run(upstreamAdd, 'generic --from-client'), /uses this server already/)
    address = 'https://bot:hunter2@mirror.example'
    await assert.rejects(run(upstreamAdd, 'generic --from-client'), (error: Error) => {
      assert.match(error.message, /without password/)
      assert.doesNotMatch(error.message, /hunter2/)
      return true
    })
    address = undefined
    await assert.rejects(run(upstreamAdd, 'generic --from-client'), /no client of .* use --url/)
  } finally {
    delete format.upstream
  }
})

test('what is wrong in the call is named', async () => {
  for (const [command, line, words] of [
    [upstreamAdd, 'generic', /either --url <url> or --from-client/],
    [upstreamAdd, 'generic --url https://a.example --from-client', /either --url/],
    [upstreamAdd, 'unheard --from-client', /there is no format unheard/],
    [upstreamAdd, 'generic --url https://a.example --group a --project b', /not both/],
    [upstreamAdd, 'generic --url https://a.example --username a', /belong together/],
    [upstreamAdd, 'generic --url https://a.example --username a --token-file x', /or --token-file alone/],
    [upstreamAdd, 'generic --url https://a.example --token-file /no/such', /cannot read \/no\/such/],
    [upstreamAdd, 'generic --url https://a.example --token-file -', /nothing on standard input/],
    [upstreamAdd, 'generic --url https://a.example --ttl soon', /--ttl is a duration/],
    [upstreamAdd, 'generic --url https://a.example --ttl 500ms', /--ttl is a duration/],
    [upstreamAdd, 'generic --url https://a.example --max-bytes much', /--max-bytes is a size/],
    [upstreamAdd, 'generic --url https://a.example --position first', /--position is a number/],
    [upstreamSet, '1', /say with an option/],
    [upstreamSet, '1 --offline --no-offline', /not both/],
    [upstreamTest, 'mirror', /named by its number/],
  ] as const)
    await assert.rejects(run(command, line), words, line)
})
