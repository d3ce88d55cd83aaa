/** What a request costs, counted instead of timed: statements, files opened, documents rendered. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Core } from '../src/core/core.ts'
import { createTestApp, type Actor, type TestApp } from '../test/app.ts'
import { npmPublication } from './npm-publication.ts'

interface Operations {
  readonly statements: number
  readonly opens: number
  readonly renders: number
}

/** All that a hot request may do: ask once whether anything was committed. */
const hot: Operations = { statements: 1, opens: 0, renders: 0 }
/** Of a first request after a write, for a name with a hundred versions as for one with a single one. */
const coldPackument: Operations = { statements: 12, opens: 0, renders: 1 }
const coldTarball: Operations = { statements: 6, opens: 1, renders: 0 }
const publication: Operations = { statements: 24, opens: 0, renders: 0 }

test('hot requests ask the database once, open no file and render nothing, at every level', async () => {
  await withPackage(1, async (app, path) => {
    for (const level of [path, groupLevel(path)]) {
      for (const actor of [app.root, app.anonymous, await app.user('reader')]) {
        for (const address of [level, `${level}/-/measured-1.1.0.tgz`]) {
          await read(actor, address)
          assert.deepEqual(await operations(app.core, () => read(actor, address)), hot, address)
        }
      }
    }
  })
})

test('what is cold costs a handful of statements, however many versions there are', async () => {
  const [few, many] = [await coldCosts(1), await coldCosts(100)]
  assert.deepEqual(many, few)
  atMost(few.packument, coldPackument)
  atMost(few.tarball, coldTarball)
})

test('a publication costs as much as the first one did', async () => {
  await withPackage(1, async (app, path) => {
    const costs: Operations[] = []
    for (let version = 2; version <= 40; version++) {
      costs.push(await operations(app.core, () => publish(app.root, path, version)))
    }
    assert.deepEqual(costs.at(-1), costs[0])
    atMost(costs[0]!, publication)
  })
})

async function coldCosts(versions: number): Promise<{ packument: Operations; tarball: Operations }> {
  return withPackage(versions, async ({ core, root }, path) => ({
    packument: await operations(core, () => read(root, path)),
    tarball: await operations(core, () => read(root, `${path}/-/measured-1.1.0.tgz`)),
  }))
}

/** Gives a server on which a public project holds one package with that many versions. */
async function withPackage<T>(versions: number, use: (app: TestApp, path: string) => Promise<T>): Promise<T> {
  const app = await createTestApp()
  try {
    // It asks for work every second, which would be counted.
    await app.app.worker.stop()
    await app.group('acme', { visibility: 'public' })
    const { id } = await app.project('acme/lib', { visibility: 'public' })
    const path = `/api/v4/projects/${id}/packages/npm/measured`
    for (let version = 1; version <= versions; version++) await publish(app.root, path, version)
    return await use(app, path)
  } finally {
    await app.close()
  }
}

const groupLevel = (path: string) => path.replace(/projects\/\d+/, 'groups/acme/-')

async function publish(actor: Actor, path: string, version: number): Promise<void> {
  const reply = await actor.put(path, npmPublication('measured', `1.${version}.0`, 1000))
  assert.equal(reply.status, 201, await reply.text())
}

async function read(actor: Actor, path: string): Promise<void> {
  const reply = await actor.get(path)
  await reply.arrayBuffer()
  assert.equal(reply.status, 200, path)
}

async function operations({ database, blobs, documents }: Core, act: () => Promise<void>) {
  const count = (): Operations => ({
    statements: database.counts.statements,
    opens: blobs.counts.opens,
    renders: documents.counts.renders,
  })
  const before = count()
  await act()
  const after = count()
  return {
    statements: after.statements - before.statements,
    opens: after.opens - before.opens,
    renders: after.renders - before.renders,
  }
}

function atMost(found: Operations, limit: Operations): void {
  for (const name of ['statements', 'opens', 'renders'] as const) {
    assert.ok(found[name] <= limit[name], `${found[name]} ${name} where ${limit[name]} are allowed`)
  }
}
