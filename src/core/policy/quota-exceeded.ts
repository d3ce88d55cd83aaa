import { byteAmount } from '../../lib/byte-amount.ts'
import { Problem } from '../../lib/problem.ts'
import type { Limited } from '../records/usage.ts'

/** 413: `bytes` more do not fit. */
export function quotaExceeded({ kind, fullPath, used, limit }: Limited, bytes: number): Problem {
  const message =
    `Storage quota exceeded: the package files of the ${kind} ${fullPath} may have ${byteAmount(limit)}, ` +
    `have ${byteAmount(used)}, and this would add ${byteAmount(bytes)}; delete packages, or ask an administrator for more`
  return new Problem(413, 'quota_exceeded', message)
}
