/** The code before the newest change of the schema, taken from the repository's history. */
import { execFile } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { mkdtemp, readFile, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { promisify } from 'node:util'

const exec = promisify(execFile)
const root = resolve(import.meta.dirname, '../../..')

export interface EarlierCode {
  /** Its `entrepot.mjs`. */
  readonly program: string
  readonly commit: string
  remove(): Promise<void>
}

/** Unpacks it, with its libraries, into a temporary directory. Throws where there is no history. */
export async function unpackEarlierCode(): Promise<EarlierCode> {
  const commit = await beforeNewestStep()
  const dir = await mkdtemp(join(tmpdir(), 'entrepot-earlier-'))
  const remove = () => rm(dir, { recursive: true, force: true })
  try {
    const archive = join(dir, 'code.tar')
    await git('archive', `--output=${archive}`, commit)
    await exec('tar', ['-xf', archive, '-C', dir])
    await rm(archive)
    if (!existsSync(join(dir, 'src/database/postgres')))
      throw new Error(`the code before the newest step of the schema (${commit}) knows no PostgreSQL`)
    await addLibraries(dir)
    return { program: join(dir, 'entrepot.mjs'), commit, remove }
  } catch (error) {
    await remove()
    throw error
  }
}

/**
 * The parent of the newest commit that added a step; of a merge the one that was merged into. A step that had another
 * name before any release is no step that an earlier version took.
 */
async function beforeNewestStep(): Promise<string> {
  const additions = ['log', '--first-parent', '-m', '--no-renames', '--diff-filter=A']
  const log = await git(...additions, '--format=%H', '--', `${steps}/[0-9]*.ts`)
  const today = new Set(readdirSync(join(root, steps)))
  for (const commit of log.split('\n').filter((line) => line !== '')) {
    const before = await git('rev-parse', '--verify', `${commit}^`)
    const names = (await git('ls-tree', '--name-only', before, `${steps}/`)).split('\n')
    if (names.every((name) => today.has(basename(name)))) return before
  }
  throw withoutHistory(new Error('no commit added a step of the schema'))
}

const steps = 'src/database/migrations'

async function git(...args: string[]): Promise<string> {
  try {
    return (await exec('git', args, { cwd: root })).stdout.trim()
  } catch (error) {
    throw withoutHistory(error)
  }
}

function withoutHistory(cause: unknown): Error {
  return new Error(
    `this test starts the code before the newest change of the schema, which it takes from git's history in ${root}: work in a clone with all of it (git fetch --unshallow completes a shallow one)`,
    { cause },
  )
}

/** Ours if they are the same. */
async function addLibraries(dir: string): Promise<void> {
  const [ours, its] = await Promise.all(
    [root, dir].map((at) => readFile(join(at, 'package-lock.json'), 'utf8')),
  )
  if (ours === its) return symlink(join(root, 'node_modules'), join(dir, 'node_modules'))
  // What npm compiles is not left in the temporary directory.
  const env = { ...process.env, NODE_COMPILE_CACHE: join(dir, 'compiled') }
  await exec('npm', ['ci', '--omit=dev', '--prefer-offline', '--no-audit', '--no-fund'], { cwd: dir, env })
}
