/** This machine, as formats may ask it where its clients get packages from. */
import { execFile } from 'node:child_process'
import { open } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { ClientMachine } from '../formats/format.ts'
import { StartRefused } from '../lib/start-refused.ts'
import type { Process } from './command.ts'

const longest = 1024 * 1024
const timeoutMs = 30_000

/** Commands run without a shell and without our own variables, which hold a token. */
export function clientMachine({ env }: Pick<Process, 'env'>): ClientMachine {
  const theirs = Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('ENTREPOT_')))
  return {
    run: (command, ...args) => run(command, args, theirs),
    read: (path) => read(path.startsWith('~/') ? join(env['HOME'] || homedir(), path.slice(2)) : path),
  }
}

function run(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<string | undefined> {
  return new Promise((resolve) => {
    const limits = { timeout: timeoutMs, maxBuffer: longest, killSignal: 'SIGKILL' } as const
    const child = execFile(command, [...args], { ...limits, env, encoding: 'utf8' }, (error, out) =>
      resolve(error ? undefined : out),
    )
    child.stdin?.on('error', () => {})
    child.stdin?.end()
  })
}

/** Throws StartRefused for a file that is there and cannot be read, or is too long. */
async function read(path: string): Promise<string | undefined> {
  try {
    const file = await open(path)
    try {
      if (!(await file.stat()).isFile()) throw new StartRefused(`${path} is no file`)
      const { buffer, bytesRead } = await file.read(Buffer.alloc(longest + 1), 0, longest + 1, 0)
      if (bytesRead > longest) throw new StartRefused(`${path} is longer than ${longest} bytes`)
      return buffer.toString('utf8', 0, bytesRead)
    } finally {
      await file.close()
    }
  } catch (error) {
    if (error instanceof StartRefused) throw error
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw new StartRefused(`cannot read ${path}: ${message}`)
  }
}
