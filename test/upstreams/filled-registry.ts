/** Registries of ours that fill from upstreams: made by REST, addressed as clients do. */
import type { Actor } from '../actor.ts'
import type { TestApp } from '../app.ts'
import type { Made } from '../world.ts'

/** An upstream as REST takes it. */
export interface UpstreamWish {
  readonly url: string
  readonly format?: string
  /** In seconds. */
  readonly ttl?: number
  readonly anonymous_fill?: boolean
  readonly include?: readonly string[]
  readonly exclude?: readonly string[]
  readonly offline?: boolean
  readonly mixes?: boolean
  readonly keep_days_unused?: number
  readonly username?: string
  readonly password?: string
  readonly token?: string
}

export type Owner = { readonly group: Pick<Made, 'id'> } | { readonly project: Pick<Made, 'id'> } | 'instance'

/** Only the address that upstreams of these tests listen at may be reached. */
export const onlyLoopback = { ENTREPOT_EGRESS__ALLOW: '127.0.0.1/32' }

/** Where REST keeps the upstreams of an owner. */
export function upstreamsOf(owner: Owner): string {
  if (owner === 'instance') return '/api/v4/upstreams'
  return 'group' in owner
    ? `/api/v4/groups/${owner.group.id}/-/upstreams`
    : `/api/v4/projects/${owner.project.id}/-/upstreams`
}

/** Adds an upstream behind those that are there; `by` must be allowed to. Default format: npm. */
export async function addUpstream(
  by: Actor,
  owner: Owner,
  wish: UpstreamWish,
): Promise<{ readonly id: number }> {
  return by.json('POST', upstreamsOf(owner), { format: 'npm', ...wish })
}

/** Changes it. */
export async function changeUpstream(
  by: Actor,
  owner: Owner,
  id: number,
  change: Partial<UpstreamWish>,
): Promise<void> {
  await by.json('PATCH', `${upstreamsOf(owner)}/${id}`, change)
}

/** The registry's whole address, no slash at the end. */
export function registryOf({ url }: Pick<TestApp, 'url'>, owner: Owner, format = 'npm'): string {
  if (owner === 'instance') return `${url}/api/v4/packages/${format}`
  return 'group' in owner
    ? `${url}/api/v4/groups/${owner.group.id}/-/packages/${format}`
    : `${url}/api/v4/projects/${owner.project.id}/packages/${format}`
}

export interface FilledGroup {
  readonly group: Made
  readonly id: number
  /** Of the group's registry. */
  readonly registry: string
}

/** A top-level group that fills from one upstream. */
export async function filledGroup(app: TestApp, path: string, wish: UpstreamWish): Promise<FilledGroup> {
  const group = await app.group(path)
  const { id } = await addUpstream(app.root, { group }, wish)
  return { group, id, registry: registryOf(app, { group }, wish.format) }
}

/**
 * Puts the clock forward once everything that was handed out is kept, too: that is done a moment later.
 * @param ms Default 0.
 */
export async function later({ core, clock }: TestApp, ms = 0): Promise<void> {
  const count = async () => {
    const { read } = core.database
    const documents = await read
      .selectFrom('upstream_documents')
      .select(['id', 'checked_at', 'revision'])
      .execute()
    const files = await read.selectFrom('upstream_files').select('id').execute()
    return JSON.stringify([documents, files.length])
  }
  for (let before = ''; ;) {
    await core.upstreams.idle()
    const now = await count()
    if (now === before) break
    before = now
    await new Promise((resolve) => setTimeout(resolve, 250))
  }
  clock.advance(ms)
}

/** Asks again and again until `look` gives something. Throws, saying what for, when `patienceMs` are over. */
export async function until<T>(
  look: () => Promise<T | undefined> | T | undefined,
  what: string,
  patienceMs = 30_000,
): Promise<T> {
  const end = performance.now() + patienceMs
  for (let pause = 20; ; pause = Math.min(1000, pause * 1.5)) {
    const found = await look()
    if (found !== undefined) return found
    if (performance.now() > end) throw new Error(`in ${patienceMs} ms there was no sign of ${what}`)
    await new Promise((resolve) => setTimeout(resolve, pause))
  }
}
