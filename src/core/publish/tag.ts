import type { Db } from '../../database/database.ts'
import type { NameRow } from '../../database/schema.ts'
import { invalid, notFound } from '../../lib/problem.ts'
import { recordEvent } from '../records/events.ts'
import { touchName } from '../records/names.ts'
import { findPackage, listed } from '../records/packages.ts'
import { deleteTag, setTag } from '../records/tags.ts'
import { checkDisplayName } from './display-name.ts'
import type { Writing } from './writing.ts'

/** Throws 400 for what cannot be a tag in any format; formats may be stricter. */
export function checkTag(tag: string): void {
  checkDisplayName('tag', tag)
  if (tag.length > 255) throw invalid('the tag is longer than 255 characters')
}

/** Points a tag at a version. Throws 404 if there is no such version that documents show. */
export async function pointTag(
  db: Db,
  writing: Writing,
  name: NameRow,
  tag: string,
  version: string,
): Promise<void> {
  checkTag(tag)
  const pkg = await findPackage(db, name.id, writing.format.versions.normalize(version))
  if (!pkg || !listed.includes(pkg.status))
    throw notFound(`404 Package Not Found: there is no version ${version}`)
  await setTag(db, name.id, tag, pkg.id, writing.now)
  await recordTagging(db, writing, name, tag, pkg.version)
}

/** Removes a tag. Throws 404 if there is none. */
export async function deleteTagOf(db: Db, writing: Writing, name: NameRow, tag: string): Promise<void> {
  if (!(await deleteTag(db, name.id, tag))) throw notFound(`404 Not Found: there is no tag ${tag}`)
  await recordTagging(db, writing, name, tag, undefined)
}

async function recordTagging(
  db: Db,
  { project, format, origin, now }: Writing,
  name: NameRow,
  tag: string,
  version: string | undefined,
): Promise<void> {
  await touchName(db, project, { format: format.id, key: name.key }, name.name, now)
  const subject = {
    projectId: project.id,
    format: format.id,
    name: name.name,
    ...(version ? { version } : {}),
  }
  await recordEvent(db, 'package.tagged', origin, { ...subject, detail: { tag } }, now)
}
