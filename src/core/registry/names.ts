import type { PackageRow } from '../../database/schema.ts'
import type { NameView } from '../../formats/format.ts'
import { Problem } from '../../lib/problem.ts'
import type { RegistryContext } from './context.ts'
import { mayRead } from './may-read.ts'
import { loadMixed, mixedFor } from './mixing.ts'
import type { Ownership } from './ownership.ts'
import { loadName } from './views.ts'

/** Who answers for a name, if the caller may read the project that owns it. */
export async function readableName(context: RegistryContext, name: string): Promise<Ownership | undefined> {
  const key = normalizedOrNothing(() => context.format.names.normalize(name))
  if (key === undefined) return undefined
  const found = await context.source.ownership(key)
  return found && (await mayRead(context, found.owner.project_id)) ? found : undefined
}

/** Everything listed under a name. */
export async function loadedName(context: RegistryContext, found: Ownership): Promise<NameView<any>> {
  const { core, format } = context
  const onUndecodable = tellOf(context)
  const mixed = found.mixed && (await mixedFor(context, found))
  return core.database.snapshot((db) =>
    mixed ? loadMixed(db, format, mixed, onUndecodable) : loadName(db, format, found.owner, onUndecodable),
  )
}

/** Notes a package that no longer decodes. */
export const tellOf =
  ({ core }: Pick<RegistryContext, 'core'>) =>
  (pkg: PackageRow, error: unknown) =>
    core.log.error(
      { package: pkg.id, err: error },
      'a package no longer decodes and is left out of documents',
    )

/** What a client looks up may be no name or version at all: then there is nothing under it. */
export function normalizedOrNothing(normalize: () => string): string | undefined {
  try {
    return normalize()
  } catch (error) {
    if (error instanceof Problem) return undefined
    throw error
  }
}
