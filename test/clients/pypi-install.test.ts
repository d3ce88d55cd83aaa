/** pip, uv and Poetry choose among what is published as its metadata and its maintainers say. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  installers,
  publish,
  refuseClient,
  runClient,
  saidBy,
  simpleUrl,
  type PypiRegistry,
} from './support/python-clients.ts'
import { startRecorder } from './support/recorder.ts'
import { startServer } from './support/server.ts'
import { story } from './support/story.ts'
import { makeWorld, sharedServer } from './support/world.ts'

const server = sharedServer()
const all = Object.entries(installers)

story(
  'a private project refuses strangers, a public one lets anybody install',
  ['twine', 'pip', 'uv'],
  async (home) => {
    for (const visibility of ['private', 'public'] as const) {
      const world = await makeWorld(server(), visibility)
      const project = { name: `open-to-${visibility}`, version: '1.0' }
      await publish(home, { url: world.address('pypi'), token: world.token }, project)
      for (const level of ['project', 'group'] as const) {
        for (const [client, command] of all) {
          const folder = `out/${visibility}-${level}-${client}`
          const wanted = command({ url: world.address('pypi', level) }, folder, project.name)
          if (visibility === 'private')
            await refuseClient(home, wanted, /401|credentials|No matching distribution/i)
          else {
            await runClient(home, wanted)
            assert.equal(await saidBy(home, folder, project.name), `${project.name} 1.0`)
          }
        }
      }
    }
  },
)

story('installers choose versions by PEP 440, Python and yanks', ['twine', 'pip', 'uv'], async (home) => {
  const world = await makeWorld(server(), 'private')
  const registry = { url: world.address('pypi'), token: world.token }
  const versions = ['1.9', '1.10', '1.11', '2.0rc1', '1!0.5.dev3']
  for (const version of versions) await publish(home, registry, { name: 'choice', version })
  await publish(home, registry, { name: 'choice', version: '3.0', requiresPython: '>=4' })
  let round = 0
  const chosen = async (...spec: readonly string[]) => {
    round++
    const said = []
    for (const [client, command] of all) {
      const folder = `out/${round}-${client}`
      await runClient(home, command(registry, folder, '--no-deps', ...spec))
      said.push(await saidBy(home, folder, 'choice'))
    }
    assert.equal(said[0], said[1])
    return said[0]
  }
  assert.equal(await chosen('choice'), 'choice 1.11')
  assert.equal(await chosen('choice<1.10'), 'choice 1.9')
  assert.equal(await chosen('choice>=2.0rc1,<3'), 'choice 2.0rc1')
  assert.equal(await chosen('choice==1!0.5.dev3'), 'choice 1!0.5.dev3')
  await maintain(registry, 'PUT', 'yank/choice/1.11', { reason: 'it breaks <things>' })
  assert.equal(await chosen('choice'), 'choice 1.10')
  assert.equal(await chosen('choice==1.11'), 'choice 1.11')
  const told = await runClient(home, installers.pip(registry, 'out/told', '--no-deps', 'choice==1.11'))
  assert.match(told.transcript, /it breaks <things>/)
  for (const file of ['choice-1.10-py3-none-any.whl', 'choice-1.10.tar.gz'])
    await maintain(registry, 'PUT', `yank/choice/1.10/${file}`)
  assert.equal(await chosen('choice'), 'choice 1.9')
  await maintain(registry, 'DELETE', 'yank/choice/1.11')
  assert.equal(await chosen('choice'), 'choice 1.11')
  await maintain(registry, 'PUT', 'project-status/choice', { status: 'quarantined' })
  for (const [, command] of all)
    await refuseClient(
      home,
      command(registry, 'out/none', 'choice'),
      /No matching distribution|no versions of choice|No solution/,
    )
  await maintain(registry, 'PUT', 'project-status/choice', { status: 'active' })
  const { stdout } = await runClient(home, [
    'pip',
    'index',
    'versions',
    '--index-url',
    simpleUrl(registry),
    'choice',
  ])
  assert.match(stdout, /^choice \(1\.11\)\nAvailable versions: 1\.11, 1\.9\b/)
})

/** What no client does. */
async function maintain(
  { url, token = '' }: PypiRegistry,
  method: string,
  path: string,
  body?: object,
): Promise<void> {
  const reply = await fetch(`${url}/${path}`, {
    method,
    headers: { 'private-token': token },
    ...(body && { body: JSON.stringify(body) }),
  })
  assert.equal(reply.status, 204, await reply.text())
}

story('digests are checked, and files come as they went', ['twine', 'pip', 'uv'], async (home) => {
  const world = await makeWorld(server(), 'private')
  const registry = { url: world.address('pypi', 'group'), token: world.token }
  const project = { name: 'checked', version: '1.0' }
  const files = await publish(home, { ...registry, url: world.address('pypi') }, project)
  const digests = files.map((file) => createHash('sha256').update(readFileSync(file)).digest('hex'))
  const good = home.write(
    'good.txt',
    `checked==1.0 ${digests.map((digest) => `--hash=sha256:${digest}`).join(' ')}\n`,
  )
  const bad = home.write('bad.txt', `checked==1.0 --hash=sha256:${'0'.repeat(64)}\n`)
  for (const [client, command] of all) {
    await runClient(home, command(registry, `out/${client}`, '--require-hashes', '-r', good))
    assert.equal(await saidBy(home, `out/${client}`, 'checked'), 'checked 1.0')
    const refused = command(registry, 'out/bad', '--require-hashes', '-r', bad)
    await refuseClient(home, refused, /DO NOT MATCH THE HASHES|Hash mismatch|no usable wheels|hashes/i)
  }
  const down = [
    'pip',
    'download',
    '--no-deps',
    '--no-cache-dir',
    '--index-url',
    simpleUrl(registry),
    '--dest',
    'down',
  ]
  await runClient(home, [...down, 'checked'])
  await runClient(home, [...down, '--no-binary', ':all:', '--no-build-isolation', 'checked'])
  const downloaded = readdirSync(join(home.dir, 'down')).map((file) =>
    readFileSync(join(home.dir, 'down', file)),
  )
  const found = downloaded.map((bytes) => createHash('sha256').update(bytes).digest('hex'))
  assert.deepEqual(found.toSorted(), digests.toSorted())
})

story('pip and uv read metadata without wheels', ['twine', 'pip', 'uv'], async (home) => {
  const recorder = await startRecorder()
  try {
    const own = await startServer({ ENTREPOT_PUBLIC_URL: recorder.url })
    recorder.passTo(own.url)
    try {
      const world = await makeWorld({ url: recorder.url, token: own.token }, 'private')
      const registry = { url: world.address('pypi'), token: world.token }
      await publish(home, registry, { name: 'leaf', version: '1.0' })
      await publish(home, registry, { name: 'middle', version: '1.0', dependencies: ['leaf'] })
      await publish(home, registry, { name: 'top', version: '1.0', dependencies: ['middle>=1'] })
      const asking = {
        pip: installers.pip(registry, 'out', '--dry-run', 'top'),
        uv: [
          'uv',
          'pip',
          'compile',
          '--no-cache',
          '--default-index',
          simpleUrl(registry),
          home.write('top.in', 'top'),
        ],
      }
      for (const [client, command] of Object.entries(asking)) {
        recorder.forget()
        await runClient(home, command)
        const files = recorder.asked.filter((line) => line.includes('/files/'))
        assert.equal(files.length, 3, `${client} asked for ${files.join(', ')}`)
        for (const line of files) assert.match(line, /-1\.0-py3-none-any\.whl\.metadata$/, client)
      }
    } finally {
      await own.stop()
    }
  } finally {
    await recorder.close()
  }
})

story('Poetry installs and locks', ['twine', 'poetry'], async (home) => {
  const world = await makeWorld(server(), 'private')
  const registry = { url: world.address('pypi', 'group'), token: world.token }
  const upload = { ...registry, url: world.address('pypi') }
  await publish(home, upload, { name: 'poetic-leaf', version: '1.0' })
  const files = await publish(home, upload, {
    name: 'Poetic.Top',
    version: '2.0',
    dependencies: ['poetic_leaf>=1'],
  })
  const text = [
    '[project]',
    'name = "app"',
    'version = "1.0"',
    'requires-python = ">=3.9"',
    '[tool.poetry]',
    'package-mode = false',
    '[[tool.poetry.source]]',
    'name = "ours"',
    `url = "${registry.url}/simple/"`,
    'priority = "primary"',
  ]
  home.write('app/pyproject.toml', `${text.join('\n')}\n`)
  const env = {
    POETRY_HTTP_BASIC_OURS_USERNAME: '__token__',
    POETRY_HTTP_BASIC_OURS_PASSWORD: registry.token,
    POETRY_VIRTUALENVS_IN_PROJECT: 'true',
  }
  await runClient(home, ['poetry', 'add', 'poetic-top'], { in: 'app', env })
  const said = 'import poetic_top, poetic_leaf; print(poetic_top.said, poetic_leaf.said)'
  const { stdout } = await runClient(home, ['poetry', 'run', 'python', '-c', said], { in: 'app', env })
  assert.match(stdout, /^Poetic\.Top 2\.0 poetic-leaf 1\.0$/m)
  const lock = readFileSync(join(home.dir, 'app/poetry.lock'), 'utf8')
  for (const file of files)
    assert.ok(lock.includes(createHash('sha256').update(readFileSync(file)).digest('hex')), file)
})
