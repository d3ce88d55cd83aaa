/** For this format's suites: a server with one project, and what clients do there. */
import { createTestApp, type TestApp, type TestAppOptions } from '../../../test/app.ts'
import { call, type Answer, type Caller } from '../testing/http.ts'
import { jsonType } from './accept.ts'
import { post, sampleForm, type SampleForm } from './samples.ts'

export interface TestRegistry {
  readonly app: TestApp
  readonly projectId: number
  /** Of the project `acme/app`, and of the group above it. */
  readonly at: string
  readonly groupAt: string
  upload(form: SampleForm, options?: { readonly by?: Caller; readonly query?: string }): Promise<Answer>
  get(path: string, options?: { readonly accept?: string; readonly at?: string }): Promise<Answer>
  /** The JSON page of a project. */
  simple(name: string): Promise<any>
}

/** Plays on a fresh server, whose root does everything unless somebody else is said. */
export async function withRegistry(
  play: (registry: TestRegistry) => Promise<void>,
  options?: TestAppOptions,
): Promise<void> {
  const app = await createTestApp(options)
  try {
    const { id } = await app.project('acme/app')
    const at = `${app.url}/api/v4/projects/acme%2Fapp/packages/pypi`
    const get: TestRegistry['get'] = (path, { accept, at: level = at } = {}) =>
      call(app.root, level, { method: 'GET', path, ...(accept && { headers: { accept } }) })
    await play({
      app,
      projectId: id,
      at,
      groupAt: `${app.url}/api/v4/groups/acme/-/packages/pypi`,
      upload: (form, { by = app.root, query = '' } = {}) => call(by, at, post(form, `/${query}`)),
      get,
      simple: async (name) => JSON.parse((await get(`/simple/${name}/`, { accept: jsonType })).text),
    })
  } finally {
    await app.close()
  }
}

/** A form whose file has these bytes, with the digest that fits. */
export const wheelForm = (name: string, version: string, content = '') =>
  sampleForm({ name, version, content })
