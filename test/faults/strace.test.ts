/** What the kernel is asked for while a file is published: all of it must be durable before the answer is written. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { it } from 'node:test'
import { createClient, genericFile } from './attempts.ts'
import { startServer } from './process.ts'
import { completedCalls, type SystemCall } from './system-calls.ts'

const traced = 'fsync,fdatasync,write,writev,pwrite64,sendto,sendmsg,link,linkat,rename,renameat,renameat2'

it('file, directory and write-ahead log are synced before a publication is acknowledged', async () => {
  const isInstalled = spawnSync('strace', ['-V']).status === 0
  assert.ok(isInstalled || !process.env['CI'], 'strace is not installed: apt-get install strace')
  if (!isInstalled) return console.log('NOT RUN: strace is not installed (apt-get install strace)')
  const dir = await mkdtemp(join(tmpdir(), 'entrepot-strace-'))
  try {
    const output = join(dir, 'trace')
    const under = ['strace', '-f', '-y', '-s', '40', '-o', output, '-e', `trace=${traced}`]
    const server = (await startServer({ data: join(dir, 'data'), under }))!
    const status = await createClient(server.url, server.token).send(genericFile('1.0', 100_000).upload)
    await server.stop()
    assert.equal(status, 201)
    checkOrder(completedCalls(await readFile(output, 'utf8')))
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
})

function checkOrder(calls: readonly SystemCall[]): void {
  const answered = calls.findIndex((call) => call.text.includes('HTTP/1.1 201'))
  assert.notEqual(answered, -1, 'no answer was written')
  const before = calls.slice(0, answered)
  const last = (what: string, matches: (call: SystemCall) => boolean) => {
    const index = before.findLastIndex(matches)
    assert.notEqual(index, -1, `${what} before the answer`)
    return index
  }
  const isSync = (call: SystemCall) => /^(fsync|fdatasync)\(/.test(call.text)
  const wrote = last('no bytes were written', ({ text }) =>
    /^p?write(v|64)?\(\d+<[^>]*\/incoming\//.test(text),
  )
  const file = last('the file was not synced', (call) => isSync(call) && call.text.includes('/incoming/'))
  const placed = last('the file was not put in place', ({ text }) => /^(link|rename)/.test(text))
  const directory = last(
    'the directory was not synced',
    (call) => isSync(call) && /\/blobs\/[0-9a-f]{2}\/[0-9a-f]{2}>/.test(call.text),
  )
  const logged = last('the log was not written', ({ text }) => /^pwrite64\(\d+<[^>]*\.db-wal>/.test(text))
  const log = last('the log was not synced', (call) => isSync(call) && call.text.includes('.db-wal>'))
  const order = [wrote, file, placed, directory, logged, log, answered]
  assert.deepEqual(
    order,
    order.toSorted((a, b) => a - b),
    calls.map((call) => call.text).join('\n'),
  )
  console.log(order.map((index) => calls[index]!.text).join('\n'))
}
