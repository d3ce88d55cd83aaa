import type { GroupRow } from '../../database/schema.ts'
import type { Core } from '../core.ts'
import { answering, ownershipBelow, ownershipsBelow } from './ownership.ts'
import type { Reached, Source } from './source.ts'

/** The registry of a group: it gathers the projects below; who published a name first among them owns it. */
export function groupSource(core: Core, generation: () => number, group: GroupRow, reached: Reached): Source {
  return {
    level: 'group',
    place: { kind: 'group', group },
    key: `g${group.id}/${reached.idInUrl}`,
    prefix: `/api/v4/groups/${reached.idInUrl}/-/packages/${reached.formatId}`,
    ownership: (key) => ownershipBelow(core, generation(), group.id, { format: reached.formatId, key }),
    ownerships: async (names) => answering(await ownershipsBelow(core, generation(), group.id, names)),
    gathered: async () => ({ kind: 'groups', groupIds: [group.id] }),
    isOwnedAlone: () => true,
  }
}
