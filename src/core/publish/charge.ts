import type { Db } from '../../database/database.ts'
import type { ProjectRow } from '../../database/schema.ts'
import { byteAmount } from '../../lib/byte-amount.ts'
import { Problem } from '../../lib/problem.ts'
import { addUsage, type Limited } from '../records/usage.ts'

/**
 * Counts bytes that a publication added to (or took from) a project. The last statements of its transaction.
 * @throws Problem 413 `quota_exceeded` if the project or a group above may not hold so much.
 */
export async function charge(db: Db, project: ProjectRow, bytes: number): Promise<void> {
  const beyond = await addUsage(db, project, bytes)
  if (beyond) throw quotaExceeded(beyond, bytes)
}

/** 413: `bytes` more do not fit. */
export function quotaExceeded({ kind, fullPath, used, limit }: Limited, bytes: number): Problem {
  const message =
    `Storage quota exceeded: the package files of the ${kind} ${fullPath} may have ${byteAmount(limit)}, ` +
    `have ${byteAmount(used)}, and this would add ${byteAmount(bytes)}; delete packages, or ask an administrator for more`
  return new Problem(413, 'quota_exceeded', message)
}
