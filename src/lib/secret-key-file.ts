import { randomBytes } from 'node:crypto'
import {
  closeSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { StartRefused } from './start-refused.ts'

/**
 * The secret key in the file at `path`. Where there is none, one is made (256 random bits, mode 0600) and is durable
 * when this returns; of two processes that start at once both get the same. The directory must exist.
 * Throws `StartRefused` when the file cannot be read or written, or holds no key.
 */
export function loadOrCreateSecretKey(path: string): string {
  try {
    const key = readSecretKey(path)
    if (key === undefined) createKey(path)
    const found = key ?? readSecretKey(path) ?? ''
    if (Buffer.byteLength(found) >= 32) return found
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new StartRefused(`secret key: cannot use ${path} (${reason}): make it readable, or set secret_key`)
  }
  throw new StartRefused(
    `secret key: ${path} holds no key of at least 32 characters: put the right one back from your backup; ` +
      `without it the secrets sealed under it are lost`,
  )
}

/** What the file holds; undefined where there is none. Throws the system's error where it cannot be read. */
export function readSecretKey(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined
    throw error
  }
}

/** Written aside and put in place when complete, so that nobody reads half a key. */
function createKey(path: string): void {
  const temporary = `${path}.${randomBytes(8).toString('hex')}`
  try {
    writeFileSync(temporary, `${randomBytes(32).toString('base64url')}\n`, {
      mode: 0o600,
      flag: 'wx',
      flush: true,
    })
    putInPlace(temporary, path)
    const directory = openSync(dirname(path), 'r')
    fsyncSync(directory)
    closeSync(directory)
  } finally {
    rmSync(temporary, { force: true })
  }
}

function putInPlace(temporary: string, path: string): void {
  try {
    linkSync(temporary, path)
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return
    if (!hasCode(error, 'EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS')) throw error
    // A file system without hard links: here two first starts at once could end with different keys in memory.
    renameSync(temporary, path)
  }
}

function hasCode(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code))
}
