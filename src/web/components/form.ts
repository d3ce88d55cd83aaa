import { html, type Html } from '../html.ts'
import { formTokenOf, type Visit } from '../visit.ts'

/** The hidden field without which no form of somebody signed in is taken. */
export const formToken = (visit: Visit): Html =>
  visit.session === undefined
    ? ''
    : html`<input type="hidden" name="form_token" value="${formTokenOf(visit)}" />`

export interface Field {
  readonly name: string
  readonly label: string
  readonly type?: 'text' | 'password' | 'date'
  readonly value?: string
  readonly hint?: string
  readonly autocomplete?: string
  readonly required?: boolean
  readonly minLength?: number
  readonly min?: string
  readonly max?: string
  readonly autofocus?: boolean
}

/** A labelled input with its hint below. */
export function input(field: Field): Html {
  const { name, label, type = 'text', value = '', hint } = field
  const isPlain = type === 'text' ? html` spellcheck="false" autocapitalize="none"` : ''
  return html`<div class="field">
    <label for="${name}">${label}</label>
    <input
      id="${name}"
      name="${name}"
      type="${type}"
      value="${value}"
      ${isPlain}
      ${attribute('autocomplete', field.autocomplete)}${attribute('minlength', field.minLength)}
      ${attribute('min', field.min)}${attribute('max', field.max)}
      ${attribute('aria-describedby', hint && `${name}-hint`)}
      ${field.required ? 'required' : ''}
      ${field.autofocus ? 'autofocus' : ''}
    />
    ${hint ? html`<p class="hint" id="${name}-hint">${hint}</p>` : ''}
  </div>`
}

const attribute = (name: string, value: string | number | undefined): Html =>
  value === undefined || value === '' ? '' : html` ${name}="${value}"`

export interface Choice {
  readonly value: string
  readonly label: string
  readonly hint: string
}

/** One or several of a few choices, each explained. */
export function choices(
  field: { readonly name: string; readonly legend: string; readonly type: 'radio' | 'checkbox' },
  options: readonly Choice[],
  chosen: readonly string[],
): Html {
  const { name, type } = field
  return html`<fieldset class="choices">
    <legend>${field.legend}</legend>
    ${options.map(
      ({ value, label, hint }) =>
        html`<label class="choice">
          <input type="${type}" name="${name}" value="${value}" ${chosen.includes(value) ? 'checked' : ''} />
          <span><b>${label}</b><small>${hint}</small></span></label
        >`,
    )}
  </fieldset>`
}

/** What went wrong with a form that was sent. */
export const formError = (message: string | undefined): Html =>
  message ? html`<p class="notice bad" role="alert">${sentence(message)}</p>` : ''

/** Messages are written for programs' logs too: as a sentence for people. */
export const sentence = (message: string) => {
  const text = message.replace(/^\d{3} (?=\S)/, '')
  return text.charAt(0).toUpperCase() + text.slice(1) + (/[.!?]$/.test(text) ? '' : '.')
}
