import type { Db } from '../../database/database.ts'
import type { NameRow, PackageRow } from '../../database/schema.ts'
import type { Amendment, Condition, Standing } from '../../formats/format.ts'
import { notFound } from '../../lib/problem.ts'
import { recordEvent } from '../records/events.ts'
import { filesOfPackages, setFileMetadata } from '../records/files.ts'
import { setNameMetadata, touchName } from '../records/names.ts'
import { findPackage, updatePackage, type PackageChange } from '../records/packages.ts'
import { checkRevision } from './condition.ts'
import { refreshEntries } from './entries.ts'
import type { Writing } from './writing.ts'

/** Applies amendments to one name in one write transaction. Throws 404 for a missing version and 409 on a changed name. */
export async function applyAmendments(
  db: Db,
  writing: Writing,
  name: NameRow,
  changes: readonly Amendment<any>[],
  condition: Condition = {},
): Promise<void> {
  const { format, project, origin, now } = writing
  checkRevision(name, condition)
  const touched = await touchName(db, project, { format: format.id, key: name.key }, name.name, now)
  for (const change of changes) {
    if ('path' in change) await amendFile(db, writing, touched, change)
    else if ('version' in change) await amendPackage(db, writing, touched, change)
    else {
      format.metadata.name?.(change.metadata)
      await setNameMetadata(db, name.id, change.metadata)
    }
  }
  const subject = { projectId: project.id, format: format.id, name: name.name }
  await recordEvent(db, 'package.amended', origin, { ...subject, detail: { changes: changes.length } }, now)
}

type PackageAmendment = Exclude<Amendment<any>, { readonly path: string } | { readonly metadata: unknown }>
type FileAmendment = Extract<Amendment<any>, { readonly path: string }>

async function versionOf(db: Db, { format }: Writing, name: NameRow, version: string): Promise<PackageRow> {
  const pkg = await findPackage(db, name.id, format.versions.normalize(version))
  if (!pkg) throw notFound(`404 Package Not Found: there is no version ${version}`)
  return pkg
}

async function amendFile(db: Db, writing: Writing, name: NameRow, change: FileAmendment): Promise<void> {
  const pkg = await versionOf(db, writing, name, change.version)
  const file = (await filesOfPackages(db, [pkg.id])).find(({ path }) => path === change.path)
  if (!file) throw notFound('404 Package File Not Found')
  writing.format.metadata.file?.(change.metadata)
  await setFileMetadata(db, file.id, change.metadata)
  await refreshEntries(db, writing, name, pkg)
}

async function amendPackage(
  db: Db,
  writing: Writing,
  name: NameRow,
  change: PackageAmendment,
): Promise<void> {
  const pkg = await versionOf(db, writing, name, change.version)
  if (change.metadata !== undefined) writing.format.metadata.package?.(change.metadata)
  const amended = await updatePackage(
    db,
    pkg.id,
    {
      ...(change.metadata === undefined ? {} : { metadata: JSON.stringify(change.metadata) }),
      ...(change.standing === undefined ? {} : standingChange(pkg, change.standing)),
    },
    writing.now,
  )
  await refreshEntries(db, writing, name, amended)
}

function standingChange(pkg: PackageRow, standing: Standing | null): PackageChange {
  const isHidden = pkg.status === 'hidden'
  const withdrawn = standing?.kind === 'withdrawn' ? 1 : 0
  const status = standing?.kind === 'deprecated' ? 'deprecated' : 'default'
  return { withdrawn, status: isHidden ? 'hidden' : status, status_message: standing?.reason ?? null }
}
