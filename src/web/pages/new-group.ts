import { addGroup, mayCreateTopLevel } from '../../core/owners/create.ts'
import type { GroupRow } from '../../database/schema.ts'
import { forbidden, Problem } from '../../lib/problem.ts'
import { ownerFields, wantedVisibility, wantedName } from '../components/owner-fields.ts'
import { breadcrumb } from '../components/page-head.ts'
import { formError, formToken } from '../components/form.ts'
import { html } from '../html.ts'
import { may, seenGroup } from '../owners.ts'
import type { Page, WebReply, WebRoute } from '../route.ts'
import { field, type Visit } from '../visit.ts'

export const newGroupRoutes: readonly WebRoute[] = [
  { method: 'GET', path: '/-/new-group', for: 'people', run: (visit) => newGroupPage(visit, undefined) },
  { method: 'POST', path: '/-/new-group', for: 'people', run: (visit) => makeGroup(visit, undefined) },
]

/** The form for a group below the one at `above`, or for a top-level one. */
export async function newGroupPage(visit: Visit, above: string | undefined): Promise<WebReply> {
  const parent = above === undefined ? undefined : await seenGroup(visit, above)
  const allowed = parent
    ? await may(visit, 'create_subgroup', { group: parent })
    : await mayCreateTopLevel(visit)
  if (!allowed) throw forbidden()
  return form(visit, parent)
}

function form(visit: Visit, parent: GroupRow | undefined, error?: Problem): Page {
  const action = parent ? `/groups/${parent.full_path}/-/new-group` : '/-/new-group'
  return {
    title: 'New group',
    ...(error ? { status: error.status } : {}),
    main: html`<div class="form-page">
      ${parent ? breadcrumb(visit, `${parent.full_path}/new`) : ''}
      <h1>New group</h1>
      <p class="lead">A group gathers projects, and the packages in them, under one address.</p>
      <section class="card">
        ${formError(error?.message)}
        <form method="post" action="${visit.to(action)}">
          ${formToken(visit)} ${ownerFields(visit, parent)}
          <button class="button primary">Create the group</button>
        </form>
      </section>
    </div>`,
  }
}

/** Makes the group that the form describes. */
export async function makeGroup(visit: Visit, above: string | undefined): Promise<WebReply> {
  const parent = above === undefined ? undefined : await seenGroup(visit, above)
  try {
    const wish = { ...wantedName(visit), visibility: wantedVisibility(visit), parent }
    const group = await addGroup(visit, { ...wish, description: field(visit, 'description') })
    return { redirect: `/groups/${group.full_path}` }
  } catch (error) {
    if (error instanceof Problem && [400, 409].includes(error.status)) return form(visit, parent, error)
    throw error
  }
}
