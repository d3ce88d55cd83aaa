/**
 * `npm run test:mutants [-- <word> ...]`: makes one deliberate hole at a time in a copy of the program, and fails unless the access
 * matrix notices it. A patch says above its first line which suite must fail, and for which openness.
 */
import { execFile } from 'node:child_process'
import { cpSync, globSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'

interface Mutant {
  readonly name: string
  readonly patch: string
  readonly suite: string
  readonly openness: string
}
interface Outcome {
  readonly name: string
  readonly seconds: number
  /** The cell that gave the hole away; undefined: nobody noticed. */
  readonly noticed: string | undefined
  readonly problem: string | undefined
}

const root = resolve(import.meta.dirname, '../..')
const atOnce = Math.min(2, availableParallelism())
const deadline = 180_000

function readMutant(file: string): Mutant {
  const head = readFileSync(file, 'utf8').split('\n', 2).join('\n')
  const [, suite, openness] = /^Suite: (.+)\nOpenness: (.+)$/.exec(head) ?? []
  if (!suite || !openness) throw new Error(`${file} does not say which suite must fail`)
  return { name: basename(file, '.patch'), patch: resolve(file), suite, openness }
}

/** Copies what the suites need, and makes the hole. */
async function mutate(patch: string, temporary: string): Promise<string> {
  const copy = join(temporary, 'copy')
  for (const part of ['src', 'test', 'package.json', 'tsconfig.json']) {
    cpSync(join(root, part), join(copy, part), {
      recursive: true,
      filter: (source) => basename(source) !== 'node_modules',
    })
  }
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
  // Where it lies in a repository, git would look for the files there.
  const env = { ...process.env, GIT_CEILING_DIRECTORIES: temporary, GIT_DIR: join(temporary, 'none') }
  const applied = await run('git', ['apply', '-C1', patch], copy, env)
  if (applied.code !== 0) throw new Error(`the patch no longer applies: ${applied.output}`)
  return copy
}

async function tryMutant({ name, patch, suite, openness }: Mutant): Promise<Outcome> {
  const began = Date.now()
  const temporary = mkdtempSync(join(tmpdir(), 'entrepot-mutant-'))
  const ended = (noticed: string | undefined, problem?: string): Outcome => ({
    name,
    seconds: Math.round((Date.now() - began) / 1000),
    noticed,
    problem,
  })
  try {
    const copy = await mutate(patch, temporary)
    const env = { ...process.env, TMPDIR: temporary, MATRIX_FAIL_FAST: '1', MATRIX_OPENNESS: openness }
    const { code, output } = await run(process.execPath, [suite], copy, env)
    const noticed = /wrong cell: (.*)/.exec(output)?.[1]
    if (code === 0) return ended(undefined, 'nobody noticed')
    return ended(noticed, noticed ? undefined : `failed for another reason: ${output.slice(-2000)}`)
  } catch (error) {
    return ended(undefined, (error as Error).message)
  } finally {
    rmSync(temporary, { recursive: true, force: true })
  }
}

function run(command: string, args: readonly string[], cwd: string, env: NodeJS.ProcessEnv) {
  return new Promise<{ code: number; output: string }>((done) => {
    const options = { cwd, env, timeout: deadline, maxBuffer: 64 * 1024 * 1024 }
    execFile(command, args, options, (error, stdout, stderr) =>
      done({ code: error ? 1 : 0, output: stdout + stderr }),
    )
  })
}

async function tryAll(mutants: readonly Mutant[]): Promise<Outcome[]> {
  const waiting = [...mutants]
  const outcomes: Outcome[] = []
  const work = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const outcome = await tryMutant(next)
      const { name, seconds, noticed, problem } = outcome
      console.log(
        `${problem ? 'FAILED' : 'noticed'} ${name} (${seconds} s): ${problem ?? noticed?.slice(0, 160)}`,
      )
      outcomes.push(outcome)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work))
  return outcomes
}

const words = process.argv.slice(2)
const files = globSync(join(import.meta.dirname, '*.patch'))
  .filter((file) => words.length === 0 || words.some((word) => file.includes(word)))
  .toSorted()
const outcomes = await tryAll(files.map(readMutant))
const failed = outcomes.filter(({ problem }) => problem !== undefined)
console.log(`${outcomes.length - failed.length} of ${outcomes.length} holes were noticed`)
if (outcomes.length === 0 || failed.length > 0) process.exitCode = 1
