/** What owners of groups and projects rule holds for every format alike. */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { ask } from '../../../test/ask.ts'
import { assertDialect, call } from './http.ts'
import { download, sample, withScene, type Scene, type Suite } from './scene.ts'

export function policyTests(suite: Suite): void {
  it("refuses protected names in its clients' words", () => checkProtected(suite))
  it('turns what holds for duplicates round where the exception matches', () => checkException(suite))
  it('serves a moved name from its new owner, and mixed ones from several', () => checkMoved(suite))
}

async function checkProtected(suite: Suite): Promise<void> {
  await withScene(suite, async ({ app, at, people, projectId, publish }) => {
    const rules = `/projects/${projectId}/packages/protection/rules`
    const { status } = await ask(people.maintainer, `POST ${rules}`, {
      package_name_pattern: suite.samples.names[0],
      package_type: suite.format.id,
      minimum_access_level_for_push: 'maintainer',
    })
    assert.equal(status, 201)
    const [first] = suite.samples.publish(sample(suite))
    const refusal = await call(people.developer, at, first!)
    assert.equal(refusal.status, 403, refusal.text)
    assertDialect(suite.format, refusal)
    assert.match(refusal.text, /Package protected\./)
    const packages = await app.core.database.read.selectFrom('packages').select('id').execute()
    assert.deepEqual(packages, [])
    await publish(people.developer, at, { ...sample(suite), name: suite.samples.names[1] })
    await publish(people.maintainer, at, sample(suite))
  })
}

async function checkException(suite: Suite): Promise<void> {
  const [older, newer] = suite.samples.publishable
  await withScene(suite, async ({ at, people, publish }) => {
    for (const isAllowed of [true, false]) {
      const wish = { duplicates_allowed: isAllowed, duplicate_exception_regex: quoted(older) }
      await ask(people.owner, `PUT /groups/acme/package_settings/${suite.format.id}`, wish)
      for (const [version, replaced] of [
        [older, !isAllowed],
        [newer, isAllowed],
      ] as const) {
        await publish(people.developer, at, sample(suite, `as it is, ${isAllowed}`, version)).catch(() => {})
        const [first] = suite.samples.publish(sample(suite, `other bytes, ${isAllowed}`, version))
        const answer = await call(people.developer, at, first!)
        assert.equal(answer.status < 300, replaced, `${version}, ${isAllowed}: ${answer.text}`)
      }
    }
  })
}

/** A pattern for exactly this text. */
const quoted = (text: string) => text.replaceAll(/[^A-Za-z0-9]/g, String.raw`\$&`)

async function checkMoved(suite: Suite): Promise<void> {
  const { format, samples } = suite
  const name = format.names.owner ? samples.ownedName!('acme') : samples.names[0]
  const [older, newer] = samples.publishable
  await withScene(suite, async (scene) => {
    const { app, people, projectAt, publish } = scene
    const [one, two] = [await app.project('acme/one'), await app.project('acme/two')]
    const ofOne = { name, version: older, content: 'of one' }
    const ofTwo = { name, version: older, content: 'of two' }
    const more = { name, version: newer, content: 'more of two' }
    await publish(app.root, projectAt('acme/one'), ofOne)
    for (const pkg of [ofTwo, more]) await publish(app.root, projectAt('acme/two'), pkg)
    const served = (pkg: typeof ofOne) => isServed(suite, scene, pkg)
    assert.deepEqual([await served(ofOne), await served(ofTwo), await served(more)], [true, false, false])
    const rule = { format: format.id, pattern: '*', project_ids: [one.id, two.id] }
    const { body: mixed } = await ask(people.owner, 'POST /groups/acme/mixing', rule)
    assert.deepEqual([await served(ofOne), await served(ofTwo), await served(more)], [true, false, true])
    await ask(people.owner, `DELETE /groups/acme/mixing/${mixed.id}`)
    const move = { format: format.id, name, project_id: two.id }
    assert.equal((await ask(people.owner, 'POST /groups/acme/names/move', move)).status, 200)
    assert.deepEqual([await served(ofOne), await served(ofTwo), await served(more)], [false, true, true])
  })
}

/** Whether the group and the instance answer with these very bytes; they must agree. */
async function isServed(
  suite: Suite,
  { people, groupAt, instanceAt }: Scene,
  pkg: ReturnType<typeof sample>,
): Promise<boolean> {
  const expected = Buffer.from(suite.samples.file(pkg).bytes)
  const answers: boolean[] = []
  for (const level of [groupAt, instanceAt]) {
    const { status, bytes } = await download(suite, people.reporter, level, pkg)
    answers.push(status === 200 && bytes.equals(expected))
  }
  assert.equal(answers[0], answers[1], 'group and instance agree')
  return answers[0]!
}
