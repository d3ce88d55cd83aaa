import type { Snippet } from '../../formats/format.ts'
import { html, type Html } from '../html.ts'

/** Text to paste, with a button that copies it where scripts run. */
export function codeBlock(text: string, language = 'text'): Html {
  return html`<div class="code">
    <pre><code class="language-${language}">${text.trimEnd()}</code></pre>
    <button type="button" class="copy" data-copy hidden>Copy</button>
  </div>`
}

/** Several snippets, one shown at a time: radio buttons, so that it works without scripts. `id` is unique on the page. */
export function snippetTabs(id: string, label: string, snippets: readonly Snippet[]): Html {
  return html`<fieldset class="tabs">
    <legend class="visually-hidden">${label}</legend>
    ${snippets.map(
      (snippet, index) =>
        html`<input type="radio" name="${id}" id="${id}-${index}" ${index === 0 ? 'checked' : ''} />
          <label for="${id}-${index}">${snippet.title}</label>
          <div class="panel">${codeBlock(snippet.text, snippet.language)}</div>`,
    )}
  </fieldset>`
}
