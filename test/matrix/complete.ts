import assert from 'node:assert/strict'

/** Fails where a route of the program has no case, or a case no route. */
export function assertComplete(
  routes: Iterable<{ readonly method: string; readonly path: string }>,
  cases: readonly { readonly route: string }[],
): void {
  const real = new Set([...routes].map(({ method, path }) => `${method} ${path}`))
  const tried = new Set(cases.map(({ route }) => route))
  const missing = [...real].filter((route) => !tried.has(route))
  const stale = [...tried].filter((route) => !real.has(route))
  assert.deepEqual({ missing, stale }, { missing: [], stale: [] }, 'every route stands in the access matrix')
}
