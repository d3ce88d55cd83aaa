/** Broken and malicious requests: each is refused as its client expects, and leaves nothing behind. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { openDescriptors } from '../../../test/descriptors.ts'
import { brokenPaths, expecting, hangUps, rawRequests } from './broken-requests.ts'
import { assertDialect, call, exchangeBytes, type Answer } from './http.ts'
import { kept, onlyEventsSince } from './records.ts'
import type { ClientRequest } from './samples.ts'
import { sample, withScene, type Scene, type Suite } from './scene.ts'

export function badInputTests(suite: Suite): void {
  const { format, samples } = suite

  it(`refuses ${samples.badInputs.length} bad inputs of its own, and they leave nothing behind`, () => {
    assert.ok(samples.badInputs.length >= 10)
    return withScene(suite, async (scene) => {
      const { developer } = scene.people
      await leavesNothing(scene, async () => {
        for (const input of samples.badInputs) {
          const answer = await call(developer, scene.at, input)
          checkRefusal(suite, input.title, answer)
          if (input.status !== undefined)
            assert.equal(answer.status, input.status, `${input.title}: ${answer.text}`)
        }
      })
      await stillWorks(suite, scene)
    })
  })

  it('refuses broken paths, methods and credentials', () =>
    withScene(suite, async (scene) => {
      await leavesNothing(scene, async () => {
        for (const { title, status, ...request } of brokenPaths(suite)) {
          const answer = await call(scene.people.developer, scene.at, request)
          checkRefusal(suite, title, answer)
          if (status !== undefined) assert.equal(answer.status, status, `${title}: ${answer.text}`)
        }
      })
      await stillWorks(suite, scene)
    }))

  it('survives bytes that are no request, and clients that hang up', () =>
    withScene(suite, async (scene) => {
      const { token } = scene.people.developer
      await leavesNothing(scene, async () => {
        for (const [title, bytes] of rawRequests(scene.at, token))
          assert.match(await exchangeBytes(scene.at, bytes), /^HTTP\/1\.1 4\d\d /, title)
        for (const bytes of hangUps(suite, scene.at, token)) await exchangeBytes(scene.at, bytes, 30)
      })
      await stillWorks(suite, scene)
    }))

  it('lets a client send its body only once it is known and may publish', () =>
    withScene(suite, async (scene) => {
      const { app, people } = scene
      const expected = [
        [app.anonymous, 401],
        [people.reporter, 403],
        [people.developer, 100],
      ] as const
      for (const [caller, status] of expected) {
        const answer = await exchangeBytes(scene.at, expecting(suite, scene.at, caller.token), 200)
        assert.match(answer, new RegExp(`^HTTP/1\\.1 ${status} `))
        assert.equal(answer.includes('100 Continue'), status === 100)
      }
    }))

  it('breaks off a body over the limit with 413', () => {
    const limit = { [`ENTREPOT_PACKAGES__${format.id.toUpperCase()}__MAX_FILE_SIZE`]: '4000' }
    return withScene(suite, (scene) => checkOversize(suite, scene), limit)
  })
}

function checkRefusal({ format }: Suite, title: string, answer: Answer): void {
  assert.ok(answer.status >= 400 && answer.status < 500, `${title}: ${answer.status} ${answer.text}`)
  // A target that is refused before routing has no format yet.
  const isJson = String(answer.headers['content-type']).startsWith('application/json')
  if (answer.status === 400 && isJson && Object.keys(JSON.parse(answer.text)).join() === 'message') return
  assertDialect(format, answer)
}

async function checkOversize(suite: Suite, scene: Scene): Promise<void> {
  const large = sample(suite, randomBytes(20_000).toString('hex'))
  const [first] = suite.samples.publish(large) as [ClientRequest]
  await leavesNothing(scene, async () => {
    const refusal = await call(scene.people.developer, scene.at, first)
    assert.equal(refusal.status, 413, refusal.text)
    assertDialect(suite.format, refusal)
    const headers = { ...first.headers, 'content-length': String(10 ** 12), expect: '100-continue' }
    const announced = await call(scene.people.developer, scene.at, {
      method: first.method,
      path: first.path,
      headers,
    })
    assert.equal(announced.status, 413, announced.text)
  })
  await stillWorks(suite, scene)
}

/** A good publication afterwards is accepted. */
async function stillWorks(suite: Suite, { at, people, publish }: Scene): Promise<void> {
  await publish(people.developer, at, sample(suite))
}

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void
/** In bytes: far less than what any of the bad inputs would fill if it were kept. */
const heapTolerance = 8 * 1024 * 1024

/** Plays `inputs` twice; the second time neither rows, files, descriptors nor memory may grow, the first only memory. */
async function leavesNothing({ app }: Scene, inputs: () => Promise<void>): Promise<void> {
  const before = await kept(app)
  const descriptors = openDescriptors()
  await inputs()
  await settled(app, before, descriptors)
  collectGarbage()
  const heap = process.memoryUsage().heapUsed
  await inputs()
  await settled(app, before, descriptors)
  collectGarbage()
  const grown = process.memoryUsage().heapUsed - heap
  assert.ok(grown < heapTolerance, `the heap grew by ${grown} bytes`)
}

/** What a broken connection leaves is cleaned up a moment after it. */
async function settled(
  app: Scene['app'],
  before: Awaited<ReturnType<typeof kept>>,
  descriptors: number,
): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      // That something was refused is told of, some seconds later.
      const events = onlyEventsSince(before, await kept(app)).filter((kind) => kind !== 'access.refused')
      assert.deepEqual(events, [])
      assert.ok(
        openDescriptors() <= descriptors,
        `${openDescriptors()} descriptors are open, not ${descriptors}`,
      )
      return
    } catch (error) {
      if (attempt === 40) throw error
      await sleep(50)
    }
  }
}
