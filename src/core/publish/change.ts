import type { Db } from '../../database/database.ts'
import type { NameRow, PackageRow } from '../../database/schema.ts'
import { recordEvent, type EventKind } from '../records/events.ts'
import { touchName } from '../records/names.ts'
import { updatePackage, type PackageChange } from '../records/packages.ts'
import { refreshEntries } from './entries.ts'
import type { Writing } from './writing.ts'

/**
 * Changes a package that is there and lets everything follow that depends on it: the name's revision, the index
 * entries, the event. Inside a write transaction.
 */
export async function changePackage(
  db: Db,
  writing: Writing,
  {
    name,
    pkg,
    change = {},
  }: { readonly name: NameRow; readonly pkg: PackageRow; readonly change?: PackageChange },
  event: { readonly kind: EventKind; readonly detail?: unknown },
): Promise<void> {
  const { format, project, origin, now } = writing
  const changed = await updatePackage(db, pkg.id, change, now)
  const touched = await touchName(db, project, { format: format.id, key: name.key }, name.name, now)
  await refreshEntries(db, writing, touched, changed)
  const subject = { projectId: project.id, format: format.id, name: name.name, version: pkg.version }
  await recordEvent(db, event.kind, origin, { ...subject, detail: event.detail }, now)
}
