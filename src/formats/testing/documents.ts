/** Documents follow the records: after every change, and the same as if they were made anew. */
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { it } from 'node:test'
import { createApp } from '../../app.ts'
import { call, succeeded, type Answer } from './http.ts'
import { change, entriesFromScratch, entriesKept } from './records.ts'
import type { SamplePackage } from './samples.ts'
import { documents, download, sample, withScene, type Scene, type Suite } from './scene.ts'

export function documentTests(suite: Suite): void {
  it('removing and restoring a version changes every document', () => checkRemoval(suite))
  it('documents kept up to date are what a server makes that starts anew', () => checkFromScratch(suite))
}

const texts = (answers: readonly Answer[]) => answers.map(({ text }) => text)

async function checkRemoval(suite: Suite): Promise<void> {
  const [older, newer] = suite.samples.publishable
  const pkg = sample(suite, 'second', newer)
  await withScene(suite, async (scene) => {
    const { at, groupAt, people, publish } = scene
    for (const one of [sample(suite, 'first', older), pkg]) await publish(people.developer, at, one)
    for (const level of [at, groupAt]) await documents(suite, people.reporter, level, pkg)
    const before = await documents(suite, people.reporter, at, pkg)
    await removeAsClient(suite, scene, pkg)
    for (const level of [at, groupAt]) {
      const gone = await documents(suite, people.reporter, level, pkg)
      for (const [index, { text }] of gone.entries())
        assert.notEqual(
          text,
          before[index]!.text,
          `${suite.samples.documents(pkg)[index]!.path} after a removal`,
        )
      assert.equal((await download(suite, people.reporter, level, pkg)).status, 404)
      assert.equal((await download(suite, people.reporter, level, sample(suite, 'first', older))).status, 200)
    }
    await change('restore', suite, scene.app, scene.projectId, pkg)
    const restored = await documents(suite, people.reporter, at, pkg)
    for (const document of restored) assert.ok(succeeded(document).text.includes(pkg.version))
    const { bytes } = suite.samples.file(pkg)
    assert.deepEqual((await download(suite, people.reporter, groupAt, pkg)).bytes, Buffer.from(bytes))
  })
}

/** As the format's client deletes, where it can. */
async function removeAsClient(
  suite: Suite,
  { app, at, people, projectId }: Scene,
  pkg: SamplePackage,
): Promise<void> {
  const requests = suite.samples.remove?.(pkg)
  if (!requests) return change('remove', suite, app, projectId, pkg)
  for (const request of requests) succeeded(await call(people.maintainer, at, request))
}

/** Publications, removals and restorations of two names in an order that leaves some of each. */
async function eventfulLife(
  suite: Suite,
  { app, at, people, projectId, publish }: Scene,
): Promise<SamplePackage[]> {
  const { names, publishable } = suite.samples
  const all = names.flatMap((name) =>
    publishable.map((version) => ({ name, version, content: `${name} ${version}` })),
  )
  const [a, b, c, d] = all as [SamplePackage, SamplePackage, SamplePackage, SamplePackage]
  const read = async () => {
    for (const pkg of all) await documents(suite, people.reporter, at, pkg)
  }
  for (const pkg of [b, a, c]) {
    await publish(people.developer, at, pkg)
    await read()
  }
  await change('remove', suite, app, projectId, b)
  await read()
  await publish(people.developer, at, d)
  await change('remove', suite, app, projectId, c)
  await read()
  await change('restore', suite, app, projectId, b)
  await change('remove', suite, app, projectId, a)
  return all
}

async function checkFromScratch(suite: Suite): Promise<void> {
  await withScene(suite, async (scene) => {
    const all = await eventfulLife(suite, scene)
    assert.deepEqual(await entriesKept(scene.app), await entriesFromScratch(suite, scene.app))
    await withFreshServer(scene, async (fresh) => {
      for (const level of [scene.at, scene.groupAt]) {
        for (const pkg of all) {
          const kept = await documents(suite, scene.people.reporter, level, pkg)
          const anew = await documents(suite, scene.people.reporter, fresh(level), pkg)
          assert.deepEqual(texts(anew), texts(kept))
          assert.deepEqual(
            anew.map(({ headers }) => headers.etag),
            kept.map(({ headers }) => headers.etag),
          )
        }
      }
    })
  })
}

/** Another server with nothing in memory, on the same records and bytes. */
async function withFreshServer(
  { app }: Scene,
  work: (fresh: (at: string) => string) => Promise<void>,
): Promise<void> {
  const { config, database, blobs, secretKey, clock, log } = app.core
  const another = createApp({ config, database, blobs, secretKey, clock, log })
  const server = createServer((req, res) => void another.handle(req, res, () => {}))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  try {
    await work((at) => at.replace(app.url, `http://127.0.0.1:${port}`))
  } finally {
    await new Promise((resolve) => server.close(resolve))
  }
}
