/** Disks that are full, or read-only: clear answers, nothing by halves, and on it goes when they are not any more. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtemp, readdir, rm, rmdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { it, type TestContext } from 'node:test'
import { createTestApp, type TestApp } from '../../app.ts'

/** A small disk of its own, mounted as root; ends with the test. */
async function mountDisk(t: TestContext, size: string): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'entrepot-disk-'))
  mount('mount', '-t', 'tmpfs', '-o', `size=${size},mode=755`, 'tmpfs', dir)
  t.after(async () => {
    mount('umount', dir)
    await rmdir(dir)
  })
  return dir
}

function mount(command: string, ...args: readonly string[]): void {
  const { status, stderr } = spawnSync(command, args, { encoding: 'utf8' })
  assert.equal(status, 0, `${command} ${args.join(' ')}: ${stderr} (as root?)`)
}

async function withApp(env: Readonly<Record<string, string>>) {
  const app = await createTestApp({ env })
  const { id } = await app.project('acme/files')
  const at = (name: string) => `/api/v4/projects/${id}/packages/generic/files/1.0/${name}`
  return {
    app,
    /** Publishes; resolves to the status and what was said. */
    async publish(name: string, bytes: Uint8Array): Promise<{ status: number; text: string }> {
      const reply = await app.root.put(at(name), bytes)
      return { status: reply.status, text: await reply.text() }
    },
    async read(name: string): Promise<Buffer | number> {
      const reply = await app.root.get(at(name))
      const bytes = Buffer.from(await reply.arrayBuffer())
      return reply.status === 200 ? bytes : reply.status
    },
  }
}

async function rowsAndFiles({ core, config }: TestApp): Promise<void> {
  const rows = await core.database.read.selectFrom('blobs').select('storage_key').execute()
  const found = await readdir(join(config.packages.storagePath, 'blobs'), {
    recursive: true,
    withFileTypes: true,
  })
  const files = found.filter((entry) => entry.isFile()).map((entry) => entry.name)
  assert.deepEqual(files.toSorted(), rows.map((row) => row.storage_key.slice(6)).toSorted())
  assert.deepEqual(await readdir(join(config.packages.storagePath, 'incoming')), [])
}

it('a full disk for packages refuses what does not fit with 507, and takes it when there is room', async (t) => {
  const disk = await mountDisk(t, '8m')
  const { app, publish, read } = await withApp({ ENTREPOT_PACKAGES__STORAGE_PATH: join(disk, 'packages') })
  try {
    const first = randomBytes(1_000_000)
    assert.equal((await publish('first', first)).status, 201)
    await writeFile(join(disk, 'ballast'), Buffer.alloc(5_000_000))
    const second = randomBytes(4_000_000)
    const { status, text } = await publish('second', second)
    assert.equal(status, 507, text)
    assert.match(text, /no room left/)
    assert.equal(await read('second'), 404)
    assert.deepEqual(await read('first'), first)
    await rowsAndFiles(app)
    await rm(join(disk, 'ballast'))
    assert.equal((await publish('second', second)).status, 201, 'without a restart')
    assert.deepEqual(await read('second'), second)
    await rowsAndFiles(app)
  } finally {
    await app.close()
  }
})

it('a read-only disk for packages refuses uploads with 503, goes on reading, and takes them again later', async (t) => {
  const disk = await mountDisk(t, '8m')
  const { app, publish, read } = await withApp({ ENTREPOT_PACKAGES__STORAGE_PATH: join(disk, 'packages') })
  try {
    const first = randomBytes(1_000_000)
    assert.equal((await publish('first', first)).status, 201)
    mount('mount', '-o', 'remount,ro', disk)
    const { status, text } = await publish('second', first.subarray(1))
    assert.equal(status, 503, text)
    assert.match(text, /cannot be written to/)
    assert.equal(await read('second'), 404)
    assert.deepEqual(await read('first'), first)
    mount('mount', '-o', 'remount,rw', disk)
    assert.equal((await publish('second', first.subarray(1))).status, 201, 'without a restart')
    await rowsAndFiles(app)
  } finally {
    await app.close()
  }
})

it('a full disk for the database refuses publications with 507, goes on reading, and recovers', async (t) => {
  const disk = await mountDisk(t, '12m')
  const { app, publish, read } = await withApp({ ENTREPOT_DATABASE: join(disk, 'entrepot.db') })
  try {
    assert.equal((await publish('first', randomBytes(1000))).status, 201)
    // All that is left, but for what the log has taken already.
    await writeFile(join(disk, 'ballast'), Buffer.alloc(12_000_000)).catch(() => {})
    let refused: { status: number; text: string } | undefined
    let published = 0
    for (; published < 2000 && !refused; published++) {
      const answer = await publish(`file-${published}`, randomBytes(100))
      if (answer.status !== 201) refused = answer
    }
    assert.equal(refused?.status, 507, refused?.text)
    assert.match(refused.text, /no room left/)
    assert.equal(await read(`file-${published - 1}`), 404)
    assert.notEqual(await read('first'), 404)
    await rowsAndFiles(app)
    await rm(join(disk, 'ballast'))
    assert.equal((await publish('after', randomBytes(1000))).status, 201, 'without a restart')
    await rowsAndFiles(app)
  } finally {
    await app.close()
  }
})
