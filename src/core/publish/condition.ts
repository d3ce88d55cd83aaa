import type { NameRow } from '../../database/schema.ts'
import type { Condition } from '../../formats/format.ts'
import { conflict } from '../../lib/problem.ts'
import { revisionOf } from '../registry/views.ts'

/** Throws 409 unless the name is as the writer believes it to be. */
export function checkRevision(name: NameRow | undefined, { ifRevision }: Condition): void {
  if (ifRevision === undefined) return
  const actual = name ? revisionOf(name) : null
  if (actual !== ifRevision) throw conflict('the package has changed meanwhile; read it again and repeat')
}
