import type { ProjectRow } from '../../database/schema.ts'
import type { Core } from '../core.ts'
import { ownershipIn } from './ownership.ts'
import type { Reached, Source } from './source.ts'

/** The registry of one project: it holds what was published there. */
export function projectSource(
  core: Core,
  generation: () => number,
  project: ProjectRow,
  reached: Reached,
): Source {
  const format = reached.formatId
  return {
    level: 'project',
    place: { kind: 'project', project },
    key: `p${project.id}/${reached.idInUrl}`,
    prefix: `/api/v4/projects/${reached.idInUrl}/packages/${format}`,
    ownership: (key) => ownershipIn(core, generation(), project.id, { format, key }),
    ownerships: async (names) =>
      new Map(names.filter((row) => row.project_id === project.id).map((owner) => [owner.id, { owner }])),
    gathered: async () => ({ kind: 'project', project }),
    isOwnedAlone: () => true,
  }
}
