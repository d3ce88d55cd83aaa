import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { findOlderNode } from './older-node.ts'

const repository = join(import.meta.dirname, '..')
/** Stands in for the server: says what it was given, then does what it is told to. */
const program = `
const [command, value] = process.argv.slice(2)
const say = (words: object): boolean => process.stdout.write(JSON.stringify(words) + '\\n')
say({ args: process.argv.slice(2), major: Number(process.versions.node.split('.')[0]), cwd: process.cwd(), pid: process.pid })
if (command === 'exit') process.exitCode = Number(value)
if (command === 'throw') throw new Error('the program failed')
if (command === 'die') process.kill(process.pid, value)
if (command === 'echo') process.stdin.pipe(process.stdout)
if (command === 'wait') {
  const alive = setInterval(() => {}, 1000)
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      say({ signal })
      clearInterval(alive)
      process.exitCode = 7
    })
  }
  say({ ready: true })
}
`

interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly lines: readonly Record<string, unknown>[]
  readonly stderr: string
}

const older = findOlderNode()
const nodes = older === undefined ? [process.execPath] : [process.execPath, older]
let base: string
let root: string

before(async () => {
  base = await mkdtemp(join(tmpdir(), 'entrepot-launcher-'))
  root = await install('checkout')
})
after(() => rm(base, { recursive: true, force: true }))

/** A checkout in miniature: the launcher, the stand-in program, and the pinned Node by symbolic link. */
async function install(name: string): Promise<string> {
  const directory = join(base, name)
  await mkdir(join(directory, 'src'), { recursive: true })
  await mkdir(join(directory, 'node_modules', '.bin'), { recursive: true })
  await copyFile(join(repository, 'entrepot.mjs'), join(directory, 'entrepot.mjs'))
  await writeFile(join(directory, 'package.json'), '{"type":"module"}')
  await writeFile(join(directory, 'src', 'main.ts'), program)
  await symlink(join(repository, 'node_modules', 'node'), join(directory, 'node_modules', 'node'))
  await symlink('../../entrepot.mjs', join(directory, 'node_modules', '.bin', 'entrepot'))
  return directory
}

function start(node: string, args: readonly string[], cwd = root, env: NodeJS.ProcessEnv = {}): ChildProcess {
  return spawn(node, args, { cwd, env: { ...process.env, ...env } })
}

async function end(child: ChildProcess): Promise<Ended> {
  let stdout = ''
  let stderr = ''
  child.stdout?.on('data', (chunk: Buffer) => (stdout += chunk))
  child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk))
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null]
  const lines = stdout.split('\n').filter((line) => line.startsWith('{'))
  return { code, signal, stderr, lines: lines.map((line) => JSON.parse(line) as Record<string, unknown>) }
}

const run = (node: string, args: readonly string[], cwd?: string, env?: NodeJS.ProcessEnv): Promise<Ended> =>
  end(start(node, args, cwd, env))

function untilReady(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('exit', () => reject(new Error('the program ended before it was ready')))
    child.stdout?.on('data', (chunk: Buffer) => {
      if (chunk.includes('"ready"')) resolve()
    })
  })
}

test('the launcher and package.json pin the same Node', async () => {
  const manifest = JSON.parse(await readFile(join(repository, 'package.json'), 'utf8')) as Manifest
  const launcher = await readFile(join(repository, 'entrepot.mjs'), 'utf8')
  const major = /^const pinnedMajor = (\d+)$/m.exec(launcher)?.[1]
  assert.equal(major, manifest.dependencies.node.split('.')[0])
  assert.equal(major, process.versions.node.split('.')[0])
})
interface Manifest {
  readonly dependencies: { readonly node: string }
}

for (const node of nodes) {
  describe(`entrepot.mjs under ${node === older ? 'an older Node' : 'the pinned Node'}`, () => {
    test("runs the program with the pinned Node, its arguments and the caller's directory", async () => {
      const { code, lines, stderr } = await run(node, [join(root, 'entrepot.mjs'), 'a b', '--c', ''], base)
      assert.equal(code, 0)
      assert.equal(stderr, '')
      assert.deepEqual(lines[0]?.['args'], ['a b', '--c', ''])
      assert.equal(lines[0]?.['major'], Number(process.versions.node.split('.')[0]))
      assert.equal(lines[0]?.['cwd'], base)
    })

    test('is found relative, through a link beside it and through a link to a link elsewhere', async () => {
      await symlink(join(root, 'node_modules', '.bin', 'entrepot'), join(base, `link-${nodes.indexOf(node)}`))
      const ways: readonly [string, string][] = [
        ['./entrepot.mjs', root],
        ['../entrepot.mjs', join(root, 'src')],
        ['node_modules/.bin/entrepot', root],
        [`./link-${nodes.indexOf(node)}`, base],
      ]
      for (const [path, cwd] of ways) {
        const { code, lines } = await run(node, [path, 'exit', '3'], cwd)
        assert.equal(code, 3, path)
        assert.deepEqual(lines[0]?.['args'], ['exit', '3'], path)
      }
    })

    test("its end is the program's end", async () => {
      assert.equal((await run(node, ['entrepot.mjs', 'exit', '42'])).code, 42)
      const thrown = await run(node, ['entrepot.mjs', 'throw'])
      assert.equal(thrown.code, 1)
      assert.match(thrown.stderr, /the program failed/)
      assert.equal((await run(node, ['entrepot.mjs', 'die', 'SIGKILL'])).signal, 'SIGKILL')
    })

    test('hands over standard input', async () => {
      const child = start(node, ['entrepot.mjs', 'echo'])
      child.stdin?.end('{"typed":true}\n')
      const { lines } = await end(child)
      assert.deepEqual(lines[1], { typed: true })
    })

    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      test(`passes ${signal} on and waits for the program`, async () => {
        const child = start(node, ['entrepot.mjs', 'wait'])
        const ended = end(child)
        await untilReady(child)
        child.kill(signal)
        const { code, lines } = await ended
        assert.deepEqual(lines.slice(2), [{ signal }])
        assert.equal(code, 7)
      })
    }

    test('keeps compiled code, beside the libraries or in a directory of its own', async () => {
      const place = await install(`cache-${nodes.indexOf(node)}`)
      await run(node, [join(place, 'entrepot.mjs')])
      assert.equal((await readdir(join(place, 'node_modules', '.cache', 'entrepot'))).length, 1)
      // A file where the directory should be is as unwritable as a read-only disk, for root too.
      await rm(join(place, 'node_modules', '.cache'), { recursive: true })
      await writeFile(join(place, 'node_modules', '.cache'), '')
      await mkdir(join(place, 'tmp'))
      const elsewhere = await run(node, [join(place, 'entrepot.mjs')], place, { TMPDIR: join(place, 'tmp') })
      assert.equal(elsewhere.code, 0)
      assert.match((await readdir(join(place, 'tmp'))).join(), /^entrepot-compile-cache-\d+$/)
      const nowhere = await run(node, [join(place, 'entrepot.mjs')], place, {
        TMPDIR: join(place, 'none', 'x'),
      })
      assert.equal(nowhere.code, 0)
      assert.equal(nowhere.stderr, '')
    })

    test('says what to do where the libraries are missing', async () => {
      const bare = await install(`bare-${nodes.indexOf(node)}`)
      await rm(join(bare, 'node_modules'), { recursive: true })
      const { code, stderr, lines } = await run(node, [join(bare, 'entrepot.mjs'), 'serve'])
      assert.equal(code, 1)
      assert.equal(stderr, `entrepot: the libraries are not installed; run \`npm ci\` in ${bare}\n`)
      assert.deepEqual(lines, [])
    })
  })
}

if (older !== undefined) {
  test('an older Node without the pinned one says what to do', async () => {
    const partial = await install('partial')
    await rm(join(partial, 'node_modules', 'node'))
    const { code, stderr } = await run(older, [join(partial, 'entrepot.mjs')])
    assert.equal(code, 1)
    assert.match(stderr, /^entrepot: Node \d+ is not installed; run `npm ci` in .*\n$/)
  })

  test('a launcher that is killed outright takes its program along', async () => {
    const child = start(older, ['entrepot.mjs', 'wait'])
    const ended = end(child)
    await untilReady(child)
    child.kill('SIGKILL')
    const { signal, lines } = await ended
    assert.equal(signal, 'SIGKILL')
    assert.deepEqual(lines.slice(2), [{ signal: 'SIGTERM' }])
  })
}
