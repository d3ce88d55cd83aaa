/** Makes a set of indexes anew, from the records as they are. */
import type { IndexSet, SetPart } from '../../../formats/format.ts'
import { joinPublicKeys, signText } from '../../../lib/openpgp.ts'
import { sortInTurns } from '../../../lib/turn.ts'
import { indexView } from '../../indexes/index-view.ts'
import { openKeys } from '../../indexes/keys.ts'
import { createLinks } from '../../registry/links.ts'
import type { RegistryContext } from '../../registry/context.ts'
import { seenBy, shownEntries } from '../entries.ts'
import { insidesLastMade } from '../insides/last-made.ts'
import { joinRows } from './join.ts'
import { mergeRows, type SetRow } from './runs.ts'
import type { SetState } from './state.ts'

/** Stanzas of some hundred bytes. */
const cut = { perRun: 64, runsAtOnce: 64 }

/** `tick` is called again and again while it works. */
export async function encodeSet(
  context: RegistryContext,
  rule: string,
  document: IndexSet<any>,
  state: SetState,
  tick: () => void,
): Promise<readonly SetPart[]> {
  const { core, format, source } = context
  const lists = await sortedLists(context, rule, state)
  const view = state.row && indexView(format, state.row)
  const privateKeys = openKeys(core, state.keys)
  const insides = await insidesLastMade(core, state)
  return document.encode(
    state.key,
    { lists: [...lists.keys()], settings: view?.settings, alias: view?.alias, insides },
    {
      links: createLinks(core.config.publicUrl, source.prefix),
      changedAt: new Date(state.changedAt),
      join: (names) => joinRows(core, mergeRows(names.map((name) => lists.get(name) ?? [])), cut, tick),
      keys: {
        sign: (text, how) => signText(text, how, privateKeys, core.clock()),
        publicKeys: await joinPublicKeys(state.keys.map((key) => key.public_key)),
      },
    },
  )
}

/** The entries that the level shows, list by list, sorted by their ids. */
async function sortedLists(
  context: RegistryContext,
  rule: string,
  { key, projectIds }: SetState,
): Promise<ReadonlyMap<string, readonly SetRow[]>> {
  const shown = await shownEntries(await seenBy(context), rule, key, projectIds)
  const byList = Map.groupBy(shown, (row) => row.list)
  const sorted = new Map<string, readonly SetRow[]>()
  for (const list of [...byList.keys()].sort())
    sorted.set(list, await sortInTurns(byList.get(list)!, (a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)))
  return sorted
}
