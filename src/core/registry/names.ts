import type { NameRow, ProjectRow } from '../../database/schema.ts'
import type { NameView } from '../../formats/format.ts'
import { Problem } from '../../lib/problem.ts'
import { authorize } from '../access/authorize.ts'
import { findProject } from '../records/projects.ts'
import type { RegistryContext } from './context.ts'
import { loadName } from './views.ts'

/** The name's row, if the caller may read the project that owns it. */
export async function readableName(context: RegistryContext, name: string): Promise<NameRow | undefined> {
  const key = normalizedOrNothing(() => context.format.names.normalize(name))
  if (key === undefined) return undefined
  const row = await context.source.owner(key)
  return row && (await mayRead(context, row.project_id)) ? row : undefined
}

/** Whether the caller may read the packages of a project that the registry reaches. */
export async function mayRead(context: RegistryContext, projectId: number): Promise<boolean> {
  const { core, generation, principal } = context
  const project = await keptProject(context, projectId)
  if (!project) return false
  return (
    (await authorize(core, generation(), principal, 'read_packages', { kind: 'project', project })) ===
    'allowed'
  )
}

function keptProject({ core, generation }: RegistryContext, id: number): Promise<ProjectRow | undefined> {
  return core.kept.get(`project/${id}`, generation(), () => findProject(core.database.read, id))
}

/** Everything listed under a name. */
export function loadedName({ core, format }: RegistryContext, row: NameRow): Promise<NameView<any>> {
  return core.database.snapshot((db) =>
    loadName(db, format, row, (pkg, error) =>
      core.log.error(
        { package: pkg.id, err: error },
        'a package no longer decodes and is left out of documents',
      ),
    ),
  )
}

/** What a client looks up may be no name or version at all: then there is nothing under it. */
export function normalizedOrNothing(normalize: () => string): string | undefined {
  try {
    return normalize()
  } catch (error) {
    if (error instanceof Problem) return undefined
    throw error
  }
}
