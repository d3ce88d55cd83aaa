/** A disk that is nearly full. */
import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { sampleBody } from '../../src/formats/npm/samples.ts'
import { createTestApp, type TestApp } from '../app.ts'

let free = 50e9
let app: TestApp
let packages: string
before(async () => {
  const readSpace = async () => ({ free, total: 100e9 })
  app = await createTestApp({ env: { ENTREPOT_PACKAGES__MIN_FREE: '1GB, 2%' }, readSpace })
  packages = `/api/v4/projects/${(await app.project('acme/app')).id}/packages`
})
after(() => app.close())

const put = (name: string) => app.root.put(`${packages}/generic/tool/1/${name}`, 'bytes')

async function fill(left: number): Promise<void> {
  free = left
  await sleep(1100)
}

it('refuses publications in the words of each client, and goes on with everything else', async () => {
  assert.equal((await put('before')).status, 201)
  await fill(1.9e9)
  const refused = await put('after')
  assert.equal(refused.status, 507)
  assert.match(await message(refused), /1\.9 GB of its disk left, and 2\.0 GB must stay free/)
  const body = JSON.stringify(sampleBody({ name: 'tiny', version: '1.0.0', content: 'x' }))
  const headers = { 'content-type': 'application/json' }
  const npm = await app.root.put(`${packages}/npm/tiny`, body, headers)
  assert.deepEqual([npm.status, typeof ((await npm.json()) as { error?: unknown }).error], [507, 'string'])

  assert.equal((await app.root.get(`${packages}/generic/tool/1/before`)).status, 200)
  assert.equal((await app.root.delete(`${packages}/generic/tool/1/before`)).status, 204)
  await fill(3e9)
  assert.equal((await put('after')).status, 201)
})

it('breaks off a long upload that fills the disk', async () => {
  await fill(3e9)
  let sent = 0
  const body = new ReadableStream({
    async pull(controller) {
      controller.enqueue(Buffer.alloc(4_000_000))
      sent += 1
      if (sent === 2) await fill(1e9)
      if (sent > 100) controller.close()
    },
  })
  const refused = await app.root.put(`${packages}/generic/tool/2/big`, body).catch(() => undefined)
  assert.ok(refused === undefined || refused.status === 507)
  assert.ok(sent < 100, `${sent} pieces were taken`)
})

const message = async (reply: Response) => ((await reply.json()) as { message: string }).message
