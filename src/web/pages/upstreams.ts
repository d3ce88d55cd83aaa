/** The upstreams of a group, a project or the instance: for those who manage them. */
import { demand, type Resource } from '../../core/access/authorize.ts'
import { findUpstream, upstreamsOf, type Upstream } from '../../core/records/upstreams.ts'
import { placeOf } from '../../core/owners/place-of.ts'
import {
  addUpstream,
  isConfigured,
  removeUpstream,
  testUpstream,
} from '../../core/upstream/settings/manage.ts'
import type { UpstreamCredential } from '../../core/upstream/credential.ts'
import { notFound, Problem } from '../../lib/problem.ts'
import { numberOf } from '../components/form-values.ts'
import { choices, formError, formToken, input, type Choice } from '../components/form.ts'
import { breadcrumb } from '../components/page-head.ts'
import { upstreamRow } from '../components/upstream-list.ts'
import { html, type Html } from '../html.ts'
import { seenGroup, seenProject } from '../owners.ts'
import type { Page, WebReply, WebRoute } from '../route.ts'
import { field, type Visit } from '../visit.ts'

/** Whose upstreams a page is about. */
export type UpstreamPlace =
  | { readonly kind: 'group' | 'project'; readonly path: string }
  | { readonly kind: 'instance' }

const everywhere = { kind: 'instance' } as const

export const instanceUpstreamRoutes: readonly WebRoute[] = [
  {
    method: 'GET',
    path: '/admin/upstreams',
    for: 'people',
    run: (visit) => upstreamsPage(visit, everywhere),
  },
  {
    method: 'POST',
    path: '/admin/upstreams',
    for: 'people',
    run: (visit) => makeUpstream(visit, everywhere),
  },
  {
    method: 'POST',
    path: '/admin/upstreams/:id/:verb',
    for: 'people',
    run(visit) {
      const { id, verb } = visit.request.params as { id: string; verb: string }
      return actOnUpstream(visit, everywhere, numberOf(id), verb)
    },
  },
]

/** What came of a form. */
interface Outcome {
  readonly error?: Problem
  readonly notice?: { readonly isGood: boolean; readonly text: string }
}

export async function upstreamsPage(
  visit: Visit,
  place: UpstreamPlace,
  { error, notice }: Outcome = {},
): Promise<Page> {
  const owner = await managed(visit, place)
  const upstreams = await upstreamsOf(visit.core.database.read, placeOf(owner))
  const whose = place.kind === 'instance' ? 'the instance' : place.path
  return {
    title: `Upstreams · ${whose}`,
    ...(error ? { status: error.status } : {}),
    main: html`<div class="page-head">
        ${place.kind === 'instance' ? '' : crumbs(visit, place)}
        <h1>Upstreams</h1>
        <p class="lead">${leads[place.kind]}</p>
        ${notice ? html`<p class="notice ${notice.isGood ? 'good' : 'bad'}" role="status">${notice.text}</p>` : ''}
      </div>
      <div class="columns even">
        ${form(visit, place, error)}
        <section aria-labelledby="all">
          <div class="section-head"><h2 id="all">Asked in this order</h2></div>
          ${
            upstreams.length === 0
              ? html`<div class="empty small"><p>No upstreams yet.</p></div>`
              : html`<ul class="rows" role="list">
                  ${upstreams.map((one) => upstreamRow(one, { side: buttons(visit, place, one) }))}
                </ul>`
          }
        </section>
      </div>`,
  }
}

const leads = {
  group: 'Registries elsewhere that those of this group, and of groups below without their own, fill from.',
  project: 'Registries elsewhere that those of this project fill from.',
  instance: 'Registries elsewhere that all groups without their own fill from.',
} as const

/** Throws as for a missing one where the caller may not see it, 403 for who may not change its upstreams. */
async function managed(visit: Visit, place: UpstreamPlace): Promise<Resource> {
  const { core, generation, principal } = visit
  const { owner, permission } = await ownerOf(visit, place)
  await demand(core, generation, principal, permission, owner)
  return owner
}

async function ownerOf(visit: Visit, place: UpstreamPlace) {
  if (place.kind === 'instance') return { owner: everywhere, permission: 'admin_instance' } as const
  if (place.kind === 'group') {
    const owner = { kind: 'group', group: await seenGroup(visit, place.path) } as const
    return { owner, permission: 'admin_group' } as const
  }
  const { project } = await seenProject(visit, place.path)
  return { owner: { kind: 'project', project }, permission: 'admin_project' } as const
}

function addressOf(place: UpstreamPlace): string {
  if (place.kind === 'instance') return '/admin/upstreams'
  return `${homeOf(place)}/-/upstreams`
}
const homeOf = ({ kind, path }: { readonly kind: string; readonly path: string }) =>
  kind === 'group' ? `/groups/${path}` : `/${path}`

const crumbs = (visit: Visit, place: { readonly kind: string; readonly path: string }): Html =>
  breadcrumb(
    visit,
    place.path,
    html`<a href="${visit.to(homeOf(place))}">${place.path.split('/').at(-1)}</a>`,
  )

const flags: readonly Choice[] = [
  { value: 'offline', label: 'Offline', hint: 'it is not asked: only what is kept answers' },
  {
    value: 'anonymous_fill',
    label: 'Ask it for strangers',
    hint: 'callers without a credential make it be asked, too',
  },
  { value: 'mixes', label: 'Add versions', hint: 'to names that an upstream before it has' },
]

function form(visit: Visit, place: UpstreamPlace, error: Problem | undefined): Html {
  const typed = (name: string) => (error ? field(visit, name) : '')
  const filling = [...visit.core.formats.values()].filter((format) => format.upstream)
  const formats = filling.map(({ id, title }) => ({ value: id, label: title, hint: '' }))
  const line = (name: string, label: string, hint: string) =>
    input({ name, label, hint, value: typed(name), autocomplete: 'off' })
  return html`<section class="card" aria-labelledby="new-upstream">
    <h2 id="new-upstream">New upstream</h2>
    ${formError(error?.message)}
    <form method="post" action="${visit.to(addressOf(place))}">
      ${formToken(visit)}
      ${choices({ name: 'format', legend: 'Of which format?', type: 'radio' }, formats, [typed('format')])}
      ${input({ name: 'url', label: 'Address', required: true, value: typed('url'), autocomplete: 'off' })}
      ${line('username', 'User name', 'Left out: the password is sent as a bearer token')}
      ${input({ name: 'password', label: 'Password or token', type: 'password', autocomplete: 'new-password' })}
      ${line('include', 'Only these names', 'Patterns with spaces between them, * for any text; empty: all')}
      ${line('exclude', 'Never these names', 'Patterns with spaces between them')}
      ${choices({ name: 'flags', legend: 'How?', type: 'checkbox' }, flags, error ? visit.form.getAll('flags') : [])}
      <button class="button primary">Add it</button>
    </form>
  </section>`
}

function buttons(visit: Visit, place: UpstreamPlace, one: Upstream): Html {
  const at = visit.to(`${addressOf(place)}/${one.id}`)
  const remove = html`<form method="post" action="${at}/remove">
    ${formToken(visit)} <button class="button danger" aria-label="Remove ${one.name}">Remove</button>
  </form>`
  return html`<div class="row-side">
    ${isConfigured(one) ? html`<span class="badge">from the configuration file</span>` : ''}
    <form method="post" action="${at}/test">
      ${formToken(visit)} <button class="button" aria-label="Test ${one.name}">Test</button>
    </form>
    ${isConfigured(one) ? '' : remove}
  </div>`
}

export async function makeUpstream(visit: Visit, place: UpstreamPlace): Promise<WebReply> {
  const owner = await managed(visit, place)
  const flag = (name: string) => visit.form.getAll('flags').includes(name)
  try {
    await addUpstream(visit, owner, field(visit, 'format'), {
      url: field(visit, 'url'),
      credential: credentialOf(visit),
      include: patternsIn(field(visit, 'include')),
      exclude: patternsIn(field(visit, 'exclude')),
      offline: flag('offline'),
      anonymousFill: flag('anonymous_fill'),
      mixes: flag('mixes'),
    })
    return { redirect: addressOf(place) }
  } catch (error) {
    if (error instanceof Problem) return upstreamsPage(visit, place, { error })
    throw error
  }
}

function credentialOf(visit: Visit): UpstreamCredential | null {
  const [username, secret] = [field(visit, 'username'), visit.form.get('password') ?? '']
  return username === '' && secret === '' ? null : { username: username || null, secret }
}

const patternsIn = (text: string) => text.split(/[\s,]+/).filter(Boolean)

/** `remove` or `test`. Throws 404 for anything else. */
export async function actOnUpstream(
  visit: Visit,
  place: UpstreamPlace,
  id: number,
  verb: string | undefined,
): Promise<WebReply> {
  const owner = await managed(visit, place)
  if (verb === 'test') {
    const { ok, status, message } = await testUpstream(visit, owner, id)
    const one = await findUpstream(visit.core.database.read, placeOf(owner), id)
    const text = `${one?.name}: ${message}${status === null ? '' : ` (${status})`}`
    return upstreamsPage(visit, place, { notice: { isGood: ok, text } })
  }
  if (verb !== 'remove') throw notFound()
  await removeUpstream(visit, owner, id)
  return { redirect: addressOf(place) }
}
