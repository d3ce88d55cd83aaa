/** Many clients that publish at the same moment. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { sampleBody, sampleTarball } from '../../src/formats/npm/samples.ts'
import { call, type Answer } from '../../src/formats/testing/http.ts'
import type { ClientRequest } from '../../src/formats/testing/samples.ts'
import { createTestApp, type Actor, type TestApp } from '../app.ts'

const clients = 32
const everyone = Array.from({ length: clients }, (_, index) => index)

interface Place {
  readonly app: TestApp
  readonly developer: Actor
  /** The URL of the project's npm and generic registries. */
  readonly npm: string
  readonly generic: string
}

async function withPlace(work: (place: Place) => Promise<void>): Promise<void> {
  const app = await createTestApp()
  try {
    const { id } = await app.project('acme/app')
    const developer = await app.user('dan')
    await app.member(developer, 'acme', 30)
    const base = `${app.url}/api/v4/projects/${id}/packages`
    await work({ app, developer, npm: `${base}/npm`, generic: `${base}/generic` })
  } finally {
    await app.close()
  }
}

/** All at once, each on a connection of its own. */
function together(
  { developer }: Place,
  at: string,
  requestOf: (index: number) => ClientRequest,
): Promise<Answer[]> {
  return Promise.all(everyone.map((index) => call(developer, at, requestOf(index))))
}

function publication(version: string, content: string): ClientRequest {
  const body = JSON.stringify(sampleBody({ name: 'tiny', version, content }))
  return { method: 'PUT', path: '/tiny', headers: { 'content-type': 'application/json' }, body }
}

async function eventKinds({ app }: Place): Promise<Record<string, number>> {
  const rows = await app.core.database.read.selectFrom('events').select('kind').execute()
  const counts: Record<string, number> = {}
  for (const { kind } of rows) if (kind.startsWith('package.')) counts[kind] = (counts[kind] ?? 0) + 1
  return counts
}

async function countOf({ app }: Place, table: 'packages' | 'files' | 'blobs'): Promise<number> {
  return (await app.core.database.read.selectFrom(table).select('id').execute()).length
}

const get = async ({ developer }: Place, at: string, path: string) =>
  call(developer, at, { method: 'GET', path })
const statuses = (answers: readonly Answer[]) => answers.map(({ status }) => status).toSorted((a, b) => a - b)

describe(`${clients} clients at once`, () => {
  it('publish different versions of one npm name: all are there', () =>
    withPlace(async (place) => {
      const answers = await together(place, place.npm, (index) =>
        publication(`1.${index}.0`, `content ${index}`),
      )
      assert.deepEqual(
        statuses(answers),
        everyone.map(() => 201),
      )
      const packument = JSON.parse((await get(place, place.npm, '/tiny')).text)
      assert.deepEqual(
        Object.keys(packument.versions),
        everyone.map((index) => `1.${index}.0`),
      )
      for (const index of everyone) {
        const { body } = await get(place, place.npm, `/tiny/-/tiny-1.${index}.0.tgz`)
        assert.deepEqual(body, sampleTarball(`content ${index}`))
      }
      assert.deepEqual(await eventKinds(place), { 'package.published': clients })
    }))

  it('publish one version with different tarballs: one wins, the others hear why not', () =>
    withPlace(async (place) => {
      const answers = await together(place, place.npm, (index) => publication('1.0.0', `content ${index}`))
      assert.deepEqual(statuses(answers), [201, ...everyone.slice(1).map(() => 403)])
      for (const { status, text } of answers) {
        if (status === 201) continue
        const refusal = 'Package already exists.'
        assert.deepEqual(JSON.parse(text), { message: refusal, error: refusal })
      }
      const winner = answers.findIndex(({ status }) => status === 201)
      const { body } = await get(place, place.npm, '/tiny/-/tiny-1.0.0.tgz')
      assert.deepEqual(body, sampleTarball(`content ${winner}`))
      assert.deepEqual(await eventKinds(place), { 'package.published': 1 })
      assert.deepEqual([await countOf(place, 'packages'), await countOf(place, 'blobs')], [1, 1])
    }))

  it('publish one version with the same tarball: all succeed, and it is one publication', () =>
    withPlace(async (place) => {
      const answers = await together(place, place.npm, () => publication('1.0.0', 'content'))
      assert.deepEqual(
        statuses(answers),
        everyone.map(() => 201),
      )
      assert.equal(new Set(answers.map(({ text }) => text)).size, 1, 'all are told the same')
      assert.deepEqual(await eventKinds(place), { 'package.published': 1, 'package.repeated': clients - 1 })
      assert.deepEqual(
        [await countOf(place, 'packages'), await countOf(place, 'files'), await countOf(place, 'blobs')],
        [1, 1, 1],
      )
    }))

  it('upload different generic files to a new version: it has all of them', () =>
    withPlace(async (place) => {
      const path = (index: number) => `/tiny/1.0/file-${index}.bin`
      const answers = await together(place, place.generic, (index) => ({
        method: 'PUT',
        path: path(index),
        body: index % 2 === 0 ? 'shared content' : `content ${index}`,
      }))
      assert.deepEqual(
        statuses(answers),
        everyone.map(() => 201),
      )
      for (const index of everyone) {
        const { text } = await get(place, place.generic, path(index))
        assert.equal(text, index % 2 === 0 ? 'shared content' : `content ${index}`)
      }
      assert.deepEqual([await countOf(place, 'packages'), await countOf(place, 'files')], [1, clients])
      assert.equal(await countOf(place, 'blobs'), 1 + clients / 2, 'equal bytes are stored once')
    }))
})
