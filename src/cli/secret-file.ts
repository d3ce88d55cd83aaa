/** Secrets never stand in arguments, which others on the machine can read. */
import { readFile } from 'node:fs/promises'
import { StartRefused } from '../lib/start-refused.ts'
import type { Process } from './command.ts'

const longestSecret = 64 * 1024

/**
 * What stands in a file (`-`: on standard input), without the end of its last line.
 * @throws StartRefused where there is nothing, or too much.
 */
export async function secretFrom(path: string, process: Process): Promise<string> {
  const text = path === '-' ? await process.input() : await readSecret(path)
  const secret = text.replace(/\r?\n$/, '')
  if (secret !== '') return secret
  throw new StartRefused(`there is nothing ${path === '-' ? 'on standard input' : `in ${path}`}`)
}

async function readSecret(path: string): Promise<string> {
  try {
    const text = await readFile(path, 'utf8')
    if (text.length <= longestSecret) return text
  } catch (error) {
    throw new StartRefused(`cannot read ${path}: ${(error as Error).message}`)
  }
  throw new StartRefused(`${path} is too long for a secret`)
}
