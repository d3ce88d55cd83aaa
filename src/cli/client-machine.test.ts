import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { StartRefused } from '../lib/start-refused.ts'
import { clientMachine } from './client-machine.ts'

let home: string
before(() => {
  home = mkdtempSync(join(tmpdir(), 'entrepot-client-'))
})
after(() => rmSync(home, { recursive: true }))

const machine = () =>
  clientMachine({ env: { ...process.env, HOME: home, ENTREPOT_TOKEN: 'hunter2', CLIENT_SETTING: 'kept' } })

test('a command prints into the answer, without a shell, with nothing to read and without our token', async () => {
  const node = (script: string, ...args: string[]) => machine().run(process.execPath, '-e', script, ...args)
  assert.equal(await node('console.log(process.argv[1])', '$(id); echo "x"'), '$(id); echo "x"\n')
  assert.equal(
    await node('console.log(process.env.CLIENT_SETTING, process.env.ENTREPOT_TOKEN)'),
    'kept undefined\n',
  )
  assert.equal(await node('process.stdin.on("end", () => console.log("end")).resume()'), 'end\n')
})

test('a command that fails, prints too much or is not there says nothing', async () => {
  const { run } = machine()
  assert.equal(await run(process.execPath, '-e', 'console.log("half"); process.exitCode = 1'), undefined)
  assert.equal(await run(process.execPath, '-e', 'process.stdout.write("x".repeat(2 ** 21))'), undefined)
  assert.equal(await run(join(home, 'no-such-command')), undefined)
})

test('a file is read where it is, below the home directory too, and within a limit', async () => {
  const { read } = machine()
  writeFileSync(join(home, 'settings'), 'mirror = ä')
  assert.equal(await read('~/settings'), 'mirror = ä')
  assert.equal(await read(join(home, 'settings')), 'mirror = ä')
  assert.equal(await read('~/missing'), undefined)
  assert.equal(await read('~/settings/below'), undefined)
  writeFileSync(join(home, 'long'), Buffer.alloc(2 ** 20 + 1))
  await assert.rejects(read('~/long'), StartRefused)
  await assert.rejects(read(home), StartRefused)
})
