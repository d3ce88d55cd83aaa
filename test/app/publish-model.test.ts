/** Any sequence of publishing, removing and restoring leaves what a model of a few lines says. */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { sampleBody, sampleTarball } from '../../src/formats/npm/samples.ts'
import { createTestApp, type TestApp } from '../app.ts'

type Step =
  | { readonly kind: 'publish'; readonly version: string; readonly content: string }
  | { readonly kind: 'remove' | 'restore'; readonly version: string }

const versions = ['1.0.0', '1.0.1-rc.1', '2.0.0']
const anyVersion = fc.constantFrom(...versions)
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant('publish' as const),
    version: anyVersion,
    content: fc.constantFrom('a', 'b'),
  }),
  fc.record({ kind: fc.constantFrom('remove' as const, 'restore' as const), version: anyVersion }),
)

/** What is expected of one version, and the number of the package that was removed last. */
interface Modelled {
  live?: string
  /** The content it had when it was removed. */
  removed?: string
  removedId?: number
}

interface Kind {
  /** Whether a removed version comes back with the same bytes only, and other bytes never replace. */
  readonly immutable: boolean
  readonly format: string
  upload(app: TestApp, name: string, version: string, content: string): Promise<Response>
  file(name: string, version: string): string
  bytes(content: string): Buffer
  /** Versions that documents show. */
  listed?(app: TestApp, name: string): Promise<string[]>
}

const base = '/api/v4/projects/acme%2Fapp/packages'

const npm: Kind = {
  immutable: true,
  format: 'npm',
  upload: (app, name, version, content) =>
    app.root.put(`${base}/npm/${name}`, sampleBody({ name, version, content })),
  file: (name, version) => `${base}/npm/${name}/-/${name}-${version}.tgz`,
  bytes: sampleTarball,
  async listed(app, name) {
    const reply = await app.root.get(`${base}/npm/${name}`)
    if (reply.status === 404) return []
    const { versions: shown, 'dist-tags': tags } = (await reply.json()) as any
    for (const tagged of Object.values(tags))
      assert.ok((tagged as string) in shown, `a tag points to ${tagged}`)
    return Object.keys(shown)
  },
}

const generic: Kind = {
  immutable: false,
  format: 'generic',
  upload: (app, name, version, content) => app.root.put(`${base}/generic/${name}/${version}/f`, content),
  file: (name, version) => `${base}/generic/${name}/${version}/f`,
  bytes: (content) => Buffer.from(content),
}

/** The status that a step must be answered with; changes the model accordingly. */
function expectPublish(model: Modelled, content: string, { immutable }: Kind): number {
  if (model.live !== undefined) {
    if (model.live !== content && immutable) return 403
  } else if (model.removed !== undefined && model.removed !== content && immutable) return 403
  model.live = content
  return 201
}

async function packageIds(app: TestApp, name: string, version: string, query = ''): Promise<number[]> {
  const list = await app.root.json('GET', `${base}?package_name=${name}&per_page=100${query}`)
  return list.filter((pkg: any) => pkg.name === name && pkg.version === version).map((pkg: any) => pkg.id)
}

async function play(app: TestApp, kind: Kind, name: string, steps: readonly Step[]): Promise<void> {
  const models = new Map<string, Modelled>(versions.map((one) => [one, {}]))
  for (const [index, next] of steps.entries()) {
    const title = `step ${index + 1} of ${JSON.stringify(steps)}`
    const model = models.get(next.version)!
    if (next.kind === 'publish') {
      const status = expectPublish(model, next.content, kind)
      const reply = await kind.upload(app, name, next.version, next.content)
      assert.equal(reply.status, status, `${title}: ${await reply.text()}`)
    } else if (next.kind === 'remove') await remove(app, model, name, next.version, title)
    else await restore(app, model, title)
    await check(app, kind, name, models, title)
  }
}

async function remove(app: TestApp, model: Modelled, name: string, version: string, title: string) {
  const ids = await packageIds(app, name, version)
  assert.equal(ids.length, model.live === undefined ? 0 : 1, title)
  if (model.live === undefined) return
  const reply = await app.root.delete(`${base}/${ids[0]}`)
  assert.equal(reply.status, 204, title)
  assert.equal((await app.root.delete(`${base}/${ids[0]}`)).status, 404, `${title}, again`)
  model.removed = model.live
  model.removedId = ids[0]!
  delete model.live
}

async function restore(app: TestApp, model: Modelled, title: string): Promise<void> {
  if (model.removedId === undefined) return
  const reply = await app.root.post(`${base}/${model.removedId}/restore`)
  if (model.live !== undefined) return assert.equal(reply.status, 409, `${title}: ${await reply.text()}`)
  assert.ok(reply.ok, `${title}: ${reply.status} ${await reply.text()}`)
  model.live = model.removed!
  delete model.removedId
}

async function check(app: TestApp, kind: Kind, name: string, models: Map<string, Modelled>, title: string) {
  for (const [one, { live }] of models) {
    const reply = await app.root.get(kind.file(name, one))
    assert.equal(reply.status, live === undefined ? 404 : 200, `${one} after ${title}`)
    const bytes = Buffer.from(await reply.arrayBuffer())
    if (live !== undefined) assert.deepEqual(bytes, kind.bytes(live), `${one} after ${title}`)
  }
  const expected = versions.filter((one) => models.get(one)!.live !== undefined)
  if (kind.listed) assert.deepEqual(await kind.listed(app, name), expected, title)
}

for (const kind of [npm, generic]) {
  it(`${kind.format}: any sequence of publishing, removing and restoring`, async () => {
    const app = await createTestApp()
    try {
      await app.project('acme/app')
      let run = 0
      const property = fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 12 }), (steps) =>
        play(app, kind, `name-${(run += 1)}`, steps),
      )
      await fc.assert(property, { numRuns: 25 })
    } finally {
      await app.close()
    }
  })
}
