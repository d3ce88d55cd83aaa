import { addProject } from '../../core/owners/create.ts'
import type { GroupRow } from '../../database/schema.ts'
import { forbidden, Problem } from '../../lib/problem.ts'
import { formError, formToken } from '../components/form.ts'
import { ownerFields, wantedName, wantedVisibility } from '../components/owner-fields.ts'
import { breadcrumb } from '../components/page-head.ts'
import { html } from '../html.ts'
import { may, seenGroup } from '../owners.ts'
import type { Page, WebReply } from '../route.ts'
import { field, type Visit } from '../visit.ts'

/** The form for a project in the group at `path`. */
export async function newProjectPage(visit: Visit, path: string): Promise<WebReply> {
  const group = await seenGroup(visit, path)
  if (!(await may(visit, 'create_project', { group }))) throw forbidden()
  return form(visit, group)
}

function form(visit: Visit, group: GroupRow, error?: Problem): Page {
  return {
    title: 'New project',
    ...(error ? { status: error.status } : {}),
    main: html`<div class="form-page">
      ${breadcrumb(visit, `${group.full_path}/new`)}
      <h1>New project</h1>
      <p class="lead">
        Packages are published to a project. Its members and visibility say who may read and publish.
      </p>
      <section class="card">
        ${formError(error?.message)}
        <form method="post" action="${visit.to(`/groups/${group.full_path}/-/new-project`)}">
          ${formToken(visit)} ${ownerFields(visit, group)}
          <button class="button primary">Create the project</button>
        </form>
      </section>
    </div>`,
  }
}

/** Makes the project that the form describes. */
export async function makeProject(visit: Visit, path: string): Promise<WebReply> {
  const group = await seenGroup(visit, path)
  try {
    const wish = { ...wantedName(visit), visibility: wantedVisibility(visit), group }
    const project = await addProject(visit, { ...wish, description: field(visit, 'description') })
    return { redirect: `/${project.full_path}` }
  } catch (error) {
    if (error instanceof Problem && [400, 409].includes(error.status)) return form(visit, group, error)
    throw error
  }
}
