import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { parseArgs } from 'node:util'
import { generateKey } from 'openpgp'
import { createTestApp, type TestApp } from '../../test/app.ts'
import { letSign } from '../../test/signing-format.ts'
import type { Command } from './command.ts'
import { keyAdd } from './key-add.ts'
import { keyList } from './key-list.ts'
import { keyRetire } from './key-retire.ts'

let app: TestApp
before(async () => {
  app = await createTestApp()
  letSign(app, 'generic')
  await app.project('acme/app')
})
after(() => app.close())

/** Runs a command in this process. */
async function run(command: Command, line: string, input = ''): Promise<string> {
  const out: string[] = []
  const options = { ...command.options, json: { type: 'boolean' } as const }
  const args = line === '' ? [] : line.split(' ')
  const parsed = parseArgs({ args, options, allowPositionals: true })
  await command.run(parsed as never, {
    env: { ENTREPOT_URL: app.url, ENTREPOT_TOKEN: app.root.token },
    out: (text) => void out.push(text),
    err: () => assert.fail('nothing is told besides'),
    input: async () => input,
  })
  return out.join('\n')
}

for (const place of ['--group acme', '--project acme/app', '']) {
  test(`keys are added, listed and retired: ${place || 'the instance'}`, async () => {
    assert.equal(await run(keyList, place), 'no keys')
    const add = `--format generic ${place}`.trim()
    const told = await run(keyAdd, add)
    const [, first, fingerprint] = /^key (\d+) was added: ([0-9A-F]{40})$/.exec(told) ?? assert.fail(told)
    const { privateKey } = await generateKey({
      userIDs: { name: 'acme' },
      passphrase: 'open sesame',
      format: 'armored',
    })
    const file = join(app.config.data, 'private.asc')
    writeFileSync(file, privateKey)
    const line = `${add} --private-key ${file} --passphrase-file - --json`
    const second = JSON.parse(await run(keyAdd, line, 'open sesame\n'))
    assert.equal(second.source, 'imported')
    const list = await run(keyList, place)
    assert.deepEqual(
      list.split('\n').map((one) => one.split(/ +/)),
      [
        [first, 'generic', fingerprint, 'generated', 'signs'],
        [String(second.id), 'generic', second.fingerprint, 'imported', 'signs'],
      ],
    )
    assert.equal(await run(keyRetire, `${first} ${place}`.trim()), `key ${first} signs no more`)
    assert.match(await run(keyList, place), /generated +retired \d{4}-\d\d-\d\d\n.* imported +signs$/)
    assert.equal(await run(keyList, `${place} --format npm`.trim()), 'no keys')
    const [one, two] = JSON.parse(await run(keyList, `${place} --json`.trim()))
    assert.deepEqual([String(one.id), two.retired_at], [first, null])
    await assert.rejects(run(keyRetire, `${second.id} ${place}`.trim()), /this is the only key/)
  })
}

test('what is wrong in the call is named', async () => {
  for (const [command, line, words] of [
    [keyAdd, '--group acme', /name the format/],
    [keyAdd, '--format generic --group acme --project acme/app', /not both/],
    [keyAdd, '--format generic --passphrase-file -', /belongs to --private-key/],
    [keyAdd, '--format generic --private-key - --passphrase-file -', /not both/],
    [keyAdd, '--format generic --private-key /no/such', /cannot read \/no\/such/],
    [keyAdd, '--format generic --private-key -', /nothing on standard input/],
    [keyRetire, 'ABCDEF', /named by its number/],
  ] as const)
    await assert.rejects(run(command, line), words, line)
})
