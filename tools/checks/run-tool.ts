import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Outcome } from './outcome.ts'
import { root } from './repository.ts'

const execute = promisify(execFile)

/** Runs a program of node_modules/.bin in the root; what it prints becomes the problem if it fails. */
export async function runTool(name: string, args: readonly string[]): Promise<Outcome> {
  const program = join(root, 'node_modules', '.bin', name)
  try {
    await execute(program, args, { cwd: root, maxBuffer: 64 * 1024 * 1024 })
    return { problems: [] }
  } catch (error) {
    const { stdout = '', stderr = '', message } = error as Error & { stdout?: string; stderr?: string }
    return { problems: [`${stdout}${stderr}`.trim() || message] }
  }
}
