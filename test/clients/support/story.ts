import { accessSync, constants, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join, resolve } from 'node:path'
import { test } from 'node:test'
import { attempt, refused, run } from './command.ts'
import type { Outcome, Surroundings } from './command.ts'

/** Where `setup` puts what it installs for this repository alone. */
export const cache = resolve(import.meta.dirname, '../../../.cache/clients')
const path = [join(cache, 'bin'), process.env['PATH'] ?? '', '/usr/sbin'].join(delimiter)

/** A fresh home, used by one story and removed after it; clients see nothing of this machine's own settings. */
export interface Home {
  readonly dir: string
  /** Creates folders on the way; returns the absolute path. */
  write(file: string, content: string | Uint8Array): string
  run(command: string, args: readonly string[], options?: Options): Promise<Outcome>
  attempt(command: string, args: readonly string[], options?: Options): Promise<Outcome>
  /** The client must fail, with words that match. */
  refused(command: string, args: readonly string[], expected: RegExp, options?: Options): Promise<Outcome>
}
export interface Options {
  /** Relative to the home; default the home itself. */
  readonly in?: string
  readonly env?: Readonly<Record<string, string>>
  readonly dialogue?: Surroundings['dialogue']
  readonly timeoutMs?: number
  readonly memoryMb?: number
}

/**
 * A test that runs real clients in a home of its own. Where one of them is missing the story fails if `CI` is set;
 * elsewhere the client is named and the story left out.
 */
export function story(title: string, clients: readonly string[], tell: (home: Home) => Promise<void>): void {
  const missing = clients.filter((client) => !isInstalled(client))
  if (missing.length > 0 && !process.env['CI']) {
    process.stderr.write(`left out, for want of ${missing.join(', ')} (test/clients/setup): ${title}\n`)
    return
  }
  test(title, async () => {
    if (missing.length > 0) throw new Error(`not installed: ${missing.join(', ')}; run test/clients/setup`)
    const dir = mkdtempSync(join(tmpdir(), 'entrepot-client-'))
    try {
      await tell(homeIn(dir))
    } finally {
      rmSync(dir, { recursive: true, force: true, maxRetries: 3 })
    }
  })
}

function homeIn(dir: string): Home {
  const surroundings = ({ in: folder = '.', env = {}, ...rest }: Options = {}): Surroundings => {
    const cwd = join(dir, folder)
    mkdirSync(cwd, { recursive: true })
    return { cwd, env: { ...environment(dir), ...env }, ...rest }
  }
  return {
    dir,
    write(file, content) {
      const target = join(dir, file)
      mkdirSync(dirname(target), { recursive: true })
      writeFileSync(target, content)
      return target
    },
    run: (command, args, options) => run(command, args, surroundings(options)),
    attempt: (command, args, options) => attempt(command, args, surroundings(options)),
    refused: (command, args, expected, options) => refused(command, args, surroundings(options), expected),
  }
}

/** Nothing is inherited but PATH: `CI` alone changes what several clients do. */
function environment(home: string): Record<string, string> {
  return {
    PATH: path,
    HOME: home,
    LANG: 'C.UTF-8',
    NO_COLOR: '1',
    TERM: 'dumb',
    DENO_DIR: join(home, '.deno'),
    DENO_NO_UPDATE_CHECK: '1',
    // Where Deno looks for what npm does not have: nowhere.
    JSR_URL: 'http://127.0.0.1:1/',
    DO_NOT_TRACK: '1',
    MAVEN_OPTS: `-Duser.home=${home} -Xshare:auto -XX:TieredStopAtLevel=1`,
  }
}

function isInstalled(client: string): boolean {
  return path.split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, client), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}
