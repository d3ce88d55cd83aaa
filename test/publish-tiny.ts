import assert from 'node:assert/strict'
import { sampleBody } from '../src/formats/npm/samples.ts'
import type { TestApp } from './app.ts'

/** Publishes `tiny` in every format, and `@<top-level group>/tiny` for npm. Returns the id of the first package. */
export async function publishTiny(
  { root, core }: TestApp,
  project: string,
  content = 'tiny',
): Promise<number> {
  const at = `/api/v4/projects/${encodeURIComponent(project)}/packages`
  const [group] = project.split('/')
  const body = (name: string) => JSON.stringify(sampleBody({ name, version: '1.0.0', content }))
  for (const [path, bytes] of [
    ['/generic/tiny/1.0/file.bin', content],
    ['/npm/tiny', body('tiny')],
    [`/npm/@${group}%2ftiny`, body(`@${group}/tiny`)],
    [`/maven/${project}/tiny/1.0/tiny-1.0.jar`, content],
  ] as const) {
    const reply = await root.put(at + path, bytes)
    assert.ok(reply.ok, `${path}: ${reply.status} ${await reply.text()}`)
  }
  const row = await core.database.read
    .selectFrom('packages')
    .innerJoin('projects', 'projects.id', 'packages.project_id')
    .select('packages.id')
    .where('projects.full_path', '=', project)
    .orderBy('packages.id')
    .executeTakeFirstOrThrow()
  return row.id
}
