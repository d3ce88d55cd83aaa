import type { Format } from '../../formats/format.ts'
import type { Resource } from '../access/authorize.ts'
import type { Core } from '../core.ts'
import { groupSource } from './group-source.ts'
import { instanceSource } from './instance-source.ts'
import { projectSource } from './project-source.ts'
import type { Source } from './source.ts'

/** The registry of a format at a level that no request named: links in it have the level's number. */
export function sourceAt(core: Core, generation: number, level: Resource, format: Format<any>): Source {
  const now = () => generation
  if (level.kind === 'instance') return instanceSource(core, now, format)
  const id = level.kind === 'group' ? level.group.id : level.project.id
  const reached = { formatId: format.id, idInUrl: String(id) }
  return level.kind === 'group'
    ? groupSource(core, now, level.group, reached)
    : projectSource(core, now, level.project, reached)
}
