/** Registries elsewhere that those here fill from, for those who may see settings. */
import { findGroup } from '../../core/records/groups.ts'
import { nearestUpstreams, upstreamsOf, type Upstream } from '../../core/records/upstreams.ts'
import type { GroupRow, ProjectRow } from '../../database/schema.ts'
import { html, type Html } from '../html.ts'
import type { Visit } from '../visit.ts'

/** Whom the registries of a project ask. */
export async function projectUpstreams({ core }: Visit, project: ProjectRow): Promise<Html> {
  return section(
    await upstreamsOf(core.database.read, { projectId: project.id }),
    'of this project',
    () => '',
  )
}

/** Whom the registries of a group ask: its own upstreams, or those of the nearest level above that has any. */
export async function groupUpstreams({ core, to }: Visit, group: GroupRow): Promise<Html> {
  const db = core.database.read
  const filling = [...core.formats.values()].filter((format) => format.upstream)
  const found = await Promise.all(filling.map(({ id }) => nearestUpstreams(db, group.id, id)))
  const upstreams = found.flat()
  const above = new Map<number, GroupRow>()
  for (const { groupId } of upstreams) {
    if (groupId === null || groupId === group.id || above.has(groupId)) continue
    const row = await findGroup(db, groupId)
    if (row) above.set(groupId, row)
  }
  return section(upstreams, 'of this group', ({ groupId }) => {
    if (groupId === group.id) return ''
    const row = groupId === null ? undefined : above.get(groupId)
    return row
      ? html`<span class="badge">from <a href="${to(`/groups/${row.full_path}`)}">${row.full_path}</a></span>`
      : html`<span class="badge">from the instance</span>`
  })
}

const section = (upstreams: readonly Upstream[], where: string, origin: (upstream: Upstream) => Html): Html =>
  upstreams.length === 0
    ? ''
    : html`<section aria-labelledby="upstreams-title">
        <div class="section-head"><h2 id="upstreams-title">Upstreams</h2></div>
        <ul
          class="rows"
          role="list"
          aria-label="Registries elsewhere that those ${where} fill from, in order"
        >
          ${upstreams.map((one) => upstreamRow(one, { origin: origin(one) }))}
        </ul>
      </section>`

/** One of them; `side` stands at the end of its row. */
export const upstreamRow = (
  one: Upstream,
  { origin = '', side = '' }: { readonly origin?: Html; readonly side?: Html },
): Html =>
  html`<li class="row">
    <div class="row-main">
      <span class="row-title">${one.name}</span>
      <span class="badge">${one.format}</span>
      ${origin}${one.offline ? html`<span class="badge">offline</span>` : ''}
      <p class="row-detail">${one.url}</p>
      ${wordsOf(one).map((words) => html`<p class="row-detail">${words}</p>`)}
    </div>
    ${side}
  </li>`

const wordsOf = (one: Upstream): string[] =>
  [
    one.include.length > 0 ? `Only asked for ${one.include.join(', ')}` : '',
    one.exclude.length > 0 ? `Never asked for ${one.exclude.join(', ')}` : '',
    one.mixes ? 'Adds versions to names that one before it has' : '',
    one.anonymousFill ? 'Asked for callers without a credential, too' : '',
    one.credential === null ? '' : credentialWords(one),
  ].filter(Boolean)

const credentialWords = ({ username }: Upstream) =>
  username === null ? 'With a token' : `With the password of ${username}`
