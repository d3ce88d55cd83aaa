import type { IndexSet } from '../../../formats/format.ts'
import type { RegistryContext } from '../../registry/context.ts'
import type { RenderedPart } from '../rendered.ts'
import { setState } from './state.ts'
import { partShownBefore, storedSet } from './stored.ts'

/** One part of a set under a key or alias, as fresh as the request; also one of a set that was shown, by its lasting path. */
export async function setPart(
  context: RegistryContext,
  rule: string,
  document: IndexSet<any>,
  keyOrAlias: string,
  path: string,
): Promise<RenderedPart | undefined> {
  const { core } = context
  const state = await setState(context, rule, document, keyOrAlias)
  if (!state) return undefined
  const { parts } = await core.documents.get(`set/${state.scope}/${state.view}`, state.stamp, () =>
    storedSet(context, rule, document, state),
  )
  return parts.get(path) ?? partShownBefore(core, state, path)
}
