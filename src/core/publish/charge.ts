import type { Db } from '../../database/database.ts'
import type { ProjectRow } from '../../database/schema.ts'
import { quotaExceeded } from '../policy/quota-exceeded.ts'
import { addUsage } from '../records/usage.ts'

/**
 * Counts bytes that a publication added to (or took from) a project. The last statements of its transaction.
 * @throws Problem 413 `quota_exceeded` if the project or a group above may not hold so much.
 */
export async function charge(db: Db, project: ProjectRow, bytes: number): Promise<void> {
  const beyond = await addUsage(db, project, bytes)
  if (beyond) throw quotaExceeded(beyond, bytes)
}
