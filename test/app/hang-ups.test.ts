/** Clients that go away while they download. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { createTestApp } from '../app.ts'
import { openDescriptors } from '../descriptors.ts'

const size = 20_000_000

it('downloads that are broken off leave no file open', async () => {
  const app = await createTestApp()
  try {
    const { id } = await app.project('acme/app')
    const path = `/api/v4/projects/${id}/packages/generic/big/1.0/file.bin`
    assert.equal((await app.root.put(path, Buffer.alloc(size, 'x'))).status, 201)
    const before = openDescriptors()
    await Promise.all(
      Array.from({ length: 20 }, (_, index) => beginDownload(app.url, app.root.token, path, index)),
    )
    for (let waited = 0; waited < 5000 && openDescriptors() > before; waited += 50) await sleep(50)
    assert.ok(openDescriptors() <= before, `${openDescriptors()} descriptors are open, not ${before}`)
    assert.equal((await (await app.root.get(path)).bytes()).length, size)
  } finally {
    await app.close()
  }
})

/** Hangs up as soon as the answer begins; every other time by a reset. */
async function beginDownload(url: string, token: string, path: string, index: number): Promise<void> {
  const { hostname, port, host } = new URL(url)
  const socket = connect(Number(port), hostname)
  socket.write([`GET ${path} HTTP/1.1`, `Host: ${host}`, `Private-Token: ${token}`, '', ''].join('\r\n'))
  await once(socket, 'data')
  socket.pause()
  await sleep(20)
  if (index % 2 === 0) socket.resetAndDestroy()
  else socket.destroy()
}
