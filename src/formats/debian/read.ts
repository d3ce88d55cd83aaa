/** What apt reads of a suite. */
import type { ReadCall, ReadRoute, RegistryReader } from '../format.ts'
import type { DebianModels } from './models.ts'

/** The route to a part of a suite, by its pattern below the suite: `Release`, `:component/source/:file`. */
export const readsSuite = (pattern: string): ReadRoute<DebianModels> => ({
  method: 'GET',
  path: `/dists/:suite+/${pattern}`,
  needs: 'read',
  run: ({ params }) => ({ document: ['suite', params['suite']!, partPath(pattern, params)] }),
})

const partPath = (pattern: string, params: ReadCall<DebianModels>['params']) =>
  pattern.replaceAll(/:(\w+)/g, (_, name: string) => params[name]!)

/** A suite has one key, and may have an alias that owners set: `stable` for `bookworm`. */
export async function suiteKey(registry: RegistryReader<DebianModels>, name: string): Promise<string> {
  return (await registry.index('suite', name))?.key ?? name
}
