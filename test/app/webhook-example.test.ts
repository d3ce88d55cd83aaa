/** The receiver that docs/webhooks.md shows, as it stands there, told by a server. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { createTestApp } from '../app.ts'
import { ask } from '../ask.ts'

test('the documented receiver takes what is signed with its token and nothing else', async () => {
  const page = await readFile(new URL('../../docs/webhooks.md', import.meta.url), 'utf8')
  const [, example = ''] = /```js\n(.*?)```/s.exec(page) ?? []
  const dir = await mkdtemp(join(tmpdir(), 'entrepot-webhook-'))
  const file = join(dir, 'receiver.mjs')
  await writeFile(file, example)
  const child = spawn(process.execPath, [file], {
    env: { WEBHOOK_TOKEN: 'known to both', PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  const app = await createTestApp()
  try {
    const [, port] = /^listening on (\d+)$/.exec(String((await lines.next()).value)) ?? []
    await app.project('acme/lib')
    const hooks = '/projects/acme%2Flib/hooks'
    const url = `http://127.0.0.1:${port}/`
    const wrong = await ask(app.root, `POST ${hooks}`, { url, token: 'another one' })
    const refused = await ask(app.root, `POST ${hooks}/${wrong.body.id}/test`, {})
    assert.deepEqual([refused.status, refused.body.message], [422, 'the receiver answered 403'])
    await ask(app.root, `DELETE ${hooks}/${wrong.body.id}`)
    await ask(app.root, `POST ${hooks}`, { url, token: 'known to both' })
    const address = '/api/v4/projects/acme%2Flib/packages/generic/tool/1.0/file'
    assert.equal((await app.root.put(address, 'bytes')).status, 201)
    assert.equal((await lines.next()).value, 'package.published tool 1.0')
  } finally {
    await app.close()
    child.kill()
    await once(child, 'exit')
    await rm(dir, { recursive: true })
  }
})
