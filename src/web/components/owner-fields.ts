/** The fields that describe a group or a project. */
import { openness } from '../../core/records/groups.ts'
import type { GroupRow, Visibility } from '../../database/schema.ts'
import { invalid } from '../../lib/problem.ts'
import { html, type Html } from '../html.ts'
import { field, type Visit } from '../visit.ts'
import { choices, input, type Choice } from './form.ts'

const visibilities: readonly (Choice & { readonly value: Visibility })[] = [
  { value: 'private', label: 'Private', hint: 'Only members see it' },
  { value: 'internal', label: 'Internal', hint: 'Everyone who is signed in may install' },
  {
    value: 'public',
    label: 'Public',
    hint: 'Everyone may install, without signing in if this server allows it',
  },
]

/** Nothing in a group can be more open than the group. */
export function ownerFields(visit: Visit, parent: GroupRow | undefined): Html {
  const offered = visibilities.filter(
    ({ value }) => !parent || openness[value] <= openness[parent.visibility],
  )
  return html`${input({ name: 'path', label: 'Path', required: true, autofocus: true, autocomplete: 'off', value: field(visit, 'path'), hint: `Part of every address: ${visit.to('/')}${parent ? `${parent.full_path}/` : ''}…` })}
  ${input({ name: 'name', label: 'Name', autocomplete: 'off', value: field(visit, 'name'), hint: 'For people. Left empty, it is the path.' })}
  ${input({ name: 'description', label: 'Description', autocomplete: 'off', value: field(visit, 'description') })}
  ${choices({ name: 'visibility', legend: 'Who may see it?', type: 'radio' }, offered, [field(visit, 'visibility') || 'private'])}`
}

export function wantedVisibility(visit: Visit): Visibility {
  const text = field(visit, 'visibility') || 'private'
  const found = visibilities.find(({ value }) => value === text)
  if (!found) throw invalid('visibility must be private, internal or public')
  return found.value
}

export function wantedName(visit: Visit): { readonly name: string; readonly path: string } {
  const path = field(visit, 'path')
  if (field(visit, 'description').length > 2000) throw invalid('the description has 2000 characters at most')
  return { path, name: field(visit, 'name') || path }
}
