import type { GroupRow, NameRow } from '../../database/schema.ts'
import type { Core } from '../core.ts'
import { findNamesBelow } from '../records/names.ts'
import type { Reached, Source } from './source.ts'

/** The registry of a group: it gathers the projects below; who published a name first among them owns it. */
export function groupSource(core: Core, generation: () => number, group: GroupRow, reached: Reached): Source {
  return {
    level: 'group',
    key: `g${group.id}/${reached.idInUrl}`,
    prefix: `/api/v4/groups/${reached.idInUrl}/-/packages/${reached.formatId}`,
    owner: (key) => ownerBelow(core, generation(), group.id, reached.formatId, key),
    gathered: async () => ({ kind: 'groups', groupIds: [group.id] }),
  }
}

/** The first row of a name below one group. */
export function ownerBelow(
  core: Core,
  generation: number,
  groupId: number,
  format: string,
  key: string,
): Promise<NameRow | undefined> {
  return core.kept.get(`owner/${format}/${groupId}/${key}`, generation, async () => {
    const rows = await findNamesBelow(core.database.read, [groupId], { format, key })
    return rows[0]
  })
}
