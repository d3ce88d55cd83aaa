/** Directories and the secret key: who may read them, and whether there is room. */
import { lstat, stat, statfs } from 'node:fs/promises'
import type { Config } from '../config/config.ts'
import { byteAmount } from '../lib/byte-amount.ts'
import { errorCode } from '../storage/file-errors.ts'
import { ok, problem, warning, type Finding } from './finding.ts'

/** Below these the server takes no publications: see semantics 29. */
const leastFree = 1_000_000_000
const leastShare = 0.02

export interface Room {
  readonly free: number
  readonly size: number
}

export async function lookAtDirectory(path: string, uid: number | undefined): Promise<Finding> {
  const found = await stat(path).catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return undefined
    throw error
  })
  if (!found) return warning('data', `${path} is not there yet: the first start makes it`)
  if (uid !== undefined && found.uid !== uid) {
    const words = `${path} belongs to user ${found.uid}, and this is user ${uid}`
    return warning('data', words, 'run doctor, and every other command, as the user of the server')
  }
  if ((found.mode & 0o007) !== 0) {
    return problem('data', `${path} is open to every user of this machine`, `chmod o-rwx ${path}`)
  }
  return ok('data', path)
}

export async function lookAtSecretKey({ secretKey, secretKeyPath }: Config): Promise<Finding> {
  if (secretKey !== undefined) return ok('secret key', 'is configured')
  const found = await lstat(secretKeyPath).catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return undefined
    throw error
  })
  if (!found) return warning('secret key', `${secretKeyPath} is not there yet: the first start makes it`)
  if ((found.mode & 0o077) !== 0 && !found.isSymbolicLink()) {
    const words = `${secretKeyPath} can be read by others (mode ${(found.mode & 0o777).toString(8)})`
    return problem('secret key', words, `chmod 600 ${secretKeyPath}`)
  }
  return ok('secret key', `${secretKeyPath}; keep a copy apart from the backups`)
}

/** The room on the file system that holds `path`. */
export async function lookAtRoom(path: string): Promise<Finding> {
  const { bavail, blocks, bsize } = await statfs(path)
  return judgeRoom(path, { free: bavail * bsize, size: blocks * bsize })
}

export function judgeRoom(path: string, { free, size }: Room): Finding {
  const words = `${byteAmount(free)} of ${byteAmount(size)} are free at ${path}`
  const advice = 'make room, or move to a larger disk: see docs/backup.md'
  if (free < Math.max(leastFree, size * leastShare)) {
    return problem('disk', `${words}: publications are refused`, advice)
  }
  return free < 5 * Math.max(leastFree, size * leastShare)
    ? warning('disk', words, advice)
    : ok('disk', words)
}
