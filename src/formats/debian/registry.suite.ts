/** For this format's suites: a server with one project, and what clients do there. */
import assert from 'node:assert/strict'
import { createTestApp, type TestApp, type TestAppOptions } from '../../../test/app.ts'
import { call, type Answer } from '../testing/http.ts'
import type { ClientRequest } from '../testing/samples.ts'
import { parseParagraphs, type Paragraph } from './control.ts'
import type { SampleFile } from './sample-uploads.ts'

export interface TestRegistry {
  readonly app: TestApp
  /** Of the project `acme/app`. */
  readonly at: string
  /** Uploads one; `query` begins with its question mark. */
  put(file: SampleFile, query?: string): Promise<Answer>
  /** Uploads one after the other, all but the last of which must be taken. */
  send(...files: readonly SampleFile[]): Promise<Answer>
  ask(method: ClientRequest['method'], path: string): Promise<Answer>
  /** The paragraphs of a list of the suite, `main/binary-all/Packages`. */
  list(path: string, suite?: string): Promise<readonly Paragraph[]>
}

/** Plays on a fresh server, as its root. */
export async function withRegistry(
  play: (registry: TestRegistry) => Promise<void>,
  options?: TestAppOptions,
): Promise<void> {
  const app = await createTestApp(options)
  try {
    await app.project('acme/app')
    const at = `${app.url}/api/v4/projects/acme%2Fapp/packages/debian`
    const ask: TestRegistry['ask'] = (method, path) => call(app.root, at, { method, path })
    const put: TestRegistry['put'] = ({ name, content }, query = '') =>
      call(app.root, at, { method: 'PUT', path: `/${encodeURIComponent(name)}${query}`, body: content })
    await play({
      app,
      at,
      ask,
      put,
      async send(...files) {
        for (const file of files.slice(0, -1)) {
          const { status, text } = await put(file)
          assert.equal(status, 201, text)
        }
        return put(files.at(-1)!)
      },
      async list(path, suite = 'bookworm') {
        const { status, body } = await ask('GET', `/dists/${suite}/${path}`)
        assert.equal(status, 200, path)
        return parseParagraphs(path, body, { paragraphs: 1000 })
      },
    })
  } finally {
    await app.close()
  }
}
