/** What is set for an index, as its format sees it. */
import type { IndexSettingsRow } from '../../database/schema.ts'
import type { Format, IndexView } from '../../formats/format.ts'
import { placeOf } from '../owners/place-of.ts'
import { findIndexSettings } from '../records/index-settings.ts'
import type { RegistryContext } from '../registry/context.ts'

/** A row as its format sees it. Throws whatever the format's decoder throws. */
export function indexView(format: Format<any>, row: IndexSettingsRow): IndexView<any> {
  return {
    id: row.id,
    key: row.key,
    alias: row.alias ?? undefined,
    settings: format.metadata['index']?.(JSON.parse(row.settings)),
  }
}

/** The row of a key or alias at the level of this registry. */
export function settingsRow(
  { core, format, source, generation }: RegistryContext,
  rule: string,
  keyOrAlias: string,
): Promise<IndexSettingsRow | undefined> {
  const at = { place: placeOf(source.place), format: format.id, rule }
  return core.kept.get(`index-settings/${format.id}/${source.key}/${rule}/${keyOrAlias}`, generation(), () =>
    findIndexSettings(core.database.read, at, keyOrAlias),
  )
}

/** What is set for an index at the level of this registry, by its key or alias. */
export async function findIndex(
  context: RegistryContext,
  rule: string,
  keyOrAlias: string,
): Promise<IndexView<any> | undefined> {
  const row = await settingsRow(context, rule, keyOrAlias)
  return row && indexView(context.format, row)
}
