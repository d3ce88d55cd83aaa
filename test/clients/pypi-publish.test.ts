/** twine, uv, Poetry and flit publish; pip and uv install what they did, at every level. */
import assert from 'node:assert/strict'
import { basename } from 'node:path'
import {
  build,
  installers,
  publish,
  python,
  refuseClient,
  runClient,
  saidBy,
  simpleUrl,
  tryClient,
  twineUpload,
  uvPublish,
  writePoetryProject,
  writeProject,
} from './support/python-clients.ts'
import type { PypiRegistry, PythonProject } from './support/python-clients.ts'
import { pypiFeed } from './support/server.ts'
import { story, type Home } from './support/story.ts'
import { levels, makeWorld, sharedServer } from './support/world.ts'

const server = sharedServer()

type Publisher = (home: Home, registry: PypiRegistry, project: PythonProject) => Promise<unknown>

const publishers: Readonly<Record<string, Publisher>> = {
  twine: publish,
  async uv(home, registry, project) {
    const files = await build(home, 'uv', project)
    await runClient(home, uvPublish(registry, ...files))
  },
  async poetry(home, { url, token = '' }, project) {
    writePoetryProject(home, 'poetry', project)
    const env = {
      POETRY_REPOSITORIES_OURS_URL: url,
      POETRY_HTTP_BASIC_OURS_USERNAME: '__token__',
      POETRY_HTTP_BASIC_OURS_PASSWORD: token,
    }
    await runClient(home, ['poetry', 'publish', '--build', '--repository', 'ours'], { in: 'poetry', env })
  },
  async flit(home, { url, token = '' }, project) {
    writeProject(home, 'flit', project)
    const env = { FLIT_INDEX_URL: url, FLIT_USERNAME: '__token__', FLIT_PASSWORD: token }
    await runClient(home, ['flit', 'publish'], { in: 'flit', env })
  },
}

for (const [client, publishWith] of Object.entries(publishers)) {
  story(`${client} publishes, pip and uv install at every level`, [client, 'pip', 'uv'], async (home) => {
    const isFirst = client === 'twine'
    const world = await makeWorld(server(), 'private', isFirst ? pypiFeed : undefined)
    const at = (level: (typeof levels)[number]) => ({ url: world.address('pypi', level), token: world.token })
    const needed = { name: `Needed.By-${client}`, version: '1.0' }
    const project = {
      name: `Made_by-${client}`,
      version: '1.2.0',
      dependencies: [`needed-by-${client} >=1,<2`, `needed.by_${client} ; python_version >= '3'`],
    }
    await publish(home, at('project'), needed)
    await publishWith(home, at('project'), project)
    for (const level of isFirst ? levels : levels.slice(0, 2)) {
      for (const [installer, command] of Object.entries(installers)) {
        const folder = `out/${installer}-${level}`
        await runClient(home, command(at(level), folder, project.name))
        assert.equal(await saidBy(home, folder, project.name), `${project.name} 1.2.0`)
        assert.equal(await saidBy(home, folder, needed.name), `${needed.name} 1.0`)
        const fromSource = `${folder}-source`
        await runClient(
          home,
          command(at(level), fromSource, '--no-deps', '--no-binary', ':all:', project.name),
        )
        assert.equal(await saidBy(home, fromSource, project.name), `${project.name} 1.2.0`)
      }
    }
  })
}

story('what is published again is refused in words, or passed over', ['twine', 'uv', 'pip'], async (home) => {
  const world = await makeWorld(server(), 'private')
  const registry = { url: world.address('pypi'), token: world.token }
  const project = { name: 'again', version: '1.0' }
  const files = await publish(home, registry, project)
  // The same bytes are answered as the first ones were.
  await runClient(home, twineUpload(registry, ...files))
  await runClient(home, uvPublish(registry, ...files))
  const others = await build(home, 'others', { ...project, says: 'other bytes' })
  const wheel = others.find((file) => file.endsWith('.whl'))!
  // twine breaks its lines.
  const words = /400[^]*File name has already been taken -\s+again-1\.0-py3-none-any\.whl already exists/
  await refuseClient(home, twineUpload(registry, wheel), words)
  await refuseClient(home, uvPublish(registry, wheel), /already been taken/)
  assert.match(await skippedByTwine(home, registry, wheel), /^True$/m)
  // uv looks first, and sees that the bytes are others.
  const look = ['--check-url', simpleUrl(registry)]
  const same = await runClient(home, uvPublish(registry, ...look, ...files))
  assert.match(same.transcript, /already exists, skipping/)
  await refuseClient(home, uvPublish(registry, ...look, wheel), /Local file and index file do not match/)
  await runClient(home, installers.pip(registry, 'out', 'again'))
  assert.equal(await saidBy(home, 'out', 'again'), 'again 1.0')
})

/**
 * What `--skip-existing` makes of our answer: twine has it for two public addresses only, and asks its own function whether a
 * refusal means that the file is there.
 */
async function skippedByTwine(home: Home, { url, token = '' }: PypiRegistry, file: string): Promise<string> {
  const code = [
    'import sys',
    'from twine.commands.upload import skip_upload',
    'from twine.package import PackageFile',
    'from twine.settings import Settings',
    'url, token, file = sys.argv[1:]',
    'settings = Settings(repository_url=url, username="__token__", password=token, non_interactive=True)',
    'package = PackageFile.from_filename(file, None)',
    'response = settings.create_repository().upload(package)',
    'print(skip_upload(response, True, package))',
  ]
  const { stdout } = await python(home, ['-c', code.join('\n'), url, token, file])
  return stdout
}

story('refusals can be read', ['twine', 'uv'], async (home) => {
  const world = await makeWorld(server(), 'private')
  const registry = { url: world.address('pypi'), token: world.token }
  const [file] = await build(home, 'x', { name: 'refused', version: '1.0' })
  assert.ok(file)
  await refuseClient(home, twineUpload({ ...registry, token: 'nonsense' }, file), /401 Unauthorized/)
  await refuseClient(home, uvPublish({ ...registry, token: 'nonsense' }, file), /401/)
  const group = { ...registry, url: world.address('pypi', 'group') }
  await refuseClient(home, twineUpload(group, file), /405[^]*not published at group level/)
  const archived = { method: 'PUT', headers: { 'private-token': world.token }, body: '{"status":"archived"}' }
  await runClient(home, twineUpload(registry, file))
  assert.equal((await fetch(`${registry.url}/project-status/refused`, archived)).status, 204)
  const more = await build(home, 'more', { name: 'refused', version: '1.1' })
  await refuseClient(home, twineUpload(registry, ...more), /403[^]*the project refused is archived/)
  const outcome = await tryClient(home, uvPublish(registry, ...more))
  assert.match(outcome.transcript, /the project refused is archived/)
  assert.ok(basename(file).startsWith('refused-1.0'))
})
