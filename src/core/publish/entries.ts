import type { Db } from '../../database/database.ts'
import type { NameRow, PackageRow } from '../../database/schema.ts'
import type { Format, IndexDocument, IndexSet } from '../../formats/format.ts'
import { dropEntries, replaceEntries } from '../records/entries.ts'
import { filesOfPackages } from '../records/files.ts'
import { listed } from '../records/packages.ts'
import { packageView } from '../registry/views.ts'
import type { Writing } from './writing.ts'

/** Brings a package's index entries up to what it is now; one that documents do not show has none. */
export async function refreshEntries(
  db: Db,
  writing: Writing,
  name: NameRow,
  pkg: PackageRow,
): Promise<void> {
  const rules = indexRules(writing.format)
  if (rules.length === 0) return
  const view = listed.includes(pkg.status)
    ? packageView(writing.format, name.name, pkg, await filesOfPackages(db, [pkg.id]))
    : undefined
  for (const [rule, document] of rules) {
    const at = { projectId: writing.project.id, format: writing.format.id, rule }
    await replaceEntries(db, at, pkg.id, view ? document.entries(view) : [], writing.now)
  }
}

/** Drops the index entries of packages that documents do not show any more. */
export async function dropAllEntries(db: Db, writing: Writing, packageIds: readonly number[]): Promise<void> {
  for (const [rule] of indexRules(writing.format)) {
    const at = { projectId: writing.project.id, format: writing.format.id, rule }
    await dropEntries(db, at, packageIds, writing.now)
  }
}

type Indexed = IndexDocument<any> | IndexSet<any>

function indexRules(format: Format<any>): [string, Indexed][] {
  const rules: [string, Indexed][] = []
  for (const [name, rule] of Object.entries(format.documents ?? {})) {
    if (rule.of === 'packages' || rule.of === 'set') rules.push([name, rule])
  }
  return rules
}
