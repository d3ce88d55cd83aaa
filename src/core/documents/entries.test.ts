import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestApp } from '../../../test/app.ts'
import { ask } from '../../../test/ask.ts'

const pom = (version: string, title: string) =>
  `<project><modelVersion>4.0.0</modelVersion><groupId>com.acme</groupId><artifactId>tool</artifactId>` +
  `<version>${version}</version><packaging>maven-plugin</packaging><name>${title}</name></project>`

test('an index shows at once who answers for names, as they are moved and mixed', async (t) => {
  const app = await createTestApp()
  t.after(() => app.close())
  const { root } = app
  const projects = [await app.project('acme/one'), await app.project('acme/two')]
  const [one, two] = projects.map((project) => project.id)
  for (const [at, id, version] of [
    ['one', one, '1.0'],
    ['two', two, '1.0'],
    ['two', two, '2.0'],
  ]) {
    const path = `/api/v4/projects/${id}/packages/maven/com/acme/tool/${version}/tool-${version}.pom`
    assert.ok((await root.put(path, pom(String(version), `Tool ${version} of ${at}`))).ok)
  }
  const shown = async (actor = root, level = 'groups/acme/-') => {
    const reply = await actor.get(`/api/v4/${level}/packages/maven/com/acme/maven-metadata.xml`)
    const text = await reply.text()
    return reply.ok ? [...text.matchAll(/<name>(.*?)<\/name>/g)].map(([, name]) => name) : reply.status
  }
  assert.deepEqual(await shown(), ['Tool 1.0 of one'])
  const move = { format: 'maven', name: 'com/acme/tool', project_id: two }
  assert.equal((await ask(root, 'POST /groups/acme/names/move', move)).status, 200)
  assert.deepEqual(await shown(), ['Tool 2.0 of two'])
  assert.deepEqual(await shown(root, `projects/${one}`), ['Tool 1.0 of one'])
  assert.equal((await ask(root, 'POST /groups/acme/names/move', { ...move, project_id: one })).status, 200)
  assert.deepEqual(await shown(), ['Tool 1.0 of one'])
  const rule = { format: 'maven', pattern: 'com/acme/*', project_ids: [one, two] }
  const { body: mixed } = await ask(root, 'POST /groups/acme/mixing', rule)
  assert.deepEqual(await shown(), ['Tool 2.0 of two'])
  const [first, second] = [await app.user('first'), await app.user('second')]
  await app.member(first, 'acme/one', 20)
  await app.member(second, 'acme/two', 20)
  assert.deepEqual(await shown(first), ['Tool 1.0 of one'])
  assert.equal(await shown(second), 404, 'who may not read the owner sees nothing of the name')
  await ask(root, `DELETE /groups/acme/mixing/${mixed.id}`)
  assert.deepEqual(await shown(), ['Tool 1.0 of one'])
})
