/** Which state of a set of indexes a request gets to see. */
import type { IndexSettingsRow, SigningKeyRow } from '../../../database/schema.ts'
import type { IndexSet } from '../../../formats/format.ts'
import { viewOf } from '../../access/view.ts'
import { indexView, settingsRow } from '../../indexes/index-view.ts'
import { keysThatSign } from '../../indexes/keys.ts'
import { pathOfOwner, placeOf } from '../../owners/place-of.ts'
import type { SetKey } from '../../records/index-sets.ts'
import { insideIndexState, type InsideIndexState } from '../../records/inside-indexes.ts'
import type { RegistryContext } from '../../registry/context.ts'
import type { Place } from '../../registry/source.ts'
import { indexStamp, seenBy } from '../entries.ts'

export interface SetState extends SetKey {
  /** The set's own key, whatever alias was asked for. */
  readonly key: string
  readonly row: IndexSettingsRow | undefined
  readonly keys: readonly SigningKeyRow[]
  /** Of the packages alone. */
  readonly hostedStamp: string
  /** Where owners want indexes of insides: which the set shows, if they were made. */
  readonly insides: { readonly made: InsideIndexState | undefined } | undefined
  /** Milliseconds since 1970. */
  readonly changedAt: number
  /** The projects that the caller may read. */
  readonly projectIds: ReadonlySet<number>
}

/** The set under a key or alias as of this request; undefined: nothing ever stood there, and nobody set anything. */
export async function setState(
  context: RegistryContext,
  rule: string,
  document: IndexSet<any>,
  keyOrAlias: string,
): Promise<SetState | undefined> {
  const { core, format, source, principal, generation } = context
  const row = await settingsRow(context, rule, keyOrAlias)
  const key = row?.key ?? keyOrAlias
  const view = await viewOf(core, generation(), principal, await source.gathered())
  const at = `${format.id}/${scopeOf(source.place)}/${rule}/${key}`
  const settings = row && indexView(format, row).settings
  const scope = { scope: at, view: view.key }
  const found = await core.kept.get(`set/${source.key}/${view.key}/${at}`, generation(), async () => {
    const hosted = await indexStamp(await seenBy(context), rule, key)
    if (hosted.stamp === '' && !row) return undefined
    const keysAt = { place: placeOf(source.place), format: format.id }
    const keys = await keysThatSign(core, keysAt, pathOfOwner(source.place))
    const insides = document.insides?.isWanted(settings)
      ? { made: await insideIndexState(core.database.read, scope) }
      : undefined
    return { hosted, keys, insides }
  })
  if (!found) return undefined
  const { hosted, keys, insides } = found
  const signedAt = signingTime(document.validSeconds?.(settings), core.clock())
  const stamp = [
    hosted.stamp,
    row ? `${row.id}.${row.revision}` : '',
    keys.map((one) => one.id).join('+'),
    signedAt,
    ...(insides ? [`${insides.made?.id}.${insides.made?.revision}`] : []),
  ].join('/')
  return {
    ...scope,
    stamp,
    key,
    row,
    keys,
    hostedStamp: hosted.stamp,
    insides,
    changedAt: Math.max(
      hosted.changedAt,
      row?.updated_at ?? 0,
      insides?.made?.made_at ?? 0,
      ...keys.map((one) => one.created_at),
      signedAt,
    ),
    projectIds: view.projectIds,
  }
}

/** What is valid for a while is signed anew when half of that is over. */
function signingTime(validSeconds: number | undefined, now: number): number {
  if (validSeconds === undefined) return 0
  const period = Math.max(1, validSeconds / 2) * 1000
  return Math.floor(Math.floor(now / period) * period)
}

function scopeOf(place: Place): string {
  if (place.kind === 'instance') return 'i'
  return place.kind === 'group' ? `g${place.group.id}` : `p${place.project.id}`
}
