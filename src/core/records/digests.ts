import type { Digest, Digests } from '../../formats/format.ts'

/** Whether no algorithm that both name says otherwise. */
export function agree(a: Digests, b: Digests): boolean {
  return (Object.keys(a) as Digest[]).every(
    (algorithm) => b[algorithm] === undefined || a[algorithm] === b[algorithm],
  )
}
