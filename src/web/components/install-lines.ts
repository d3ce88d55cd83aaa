import { createLinks } from '../../core/registry/links.ts'
import type { Format, Level } from '../../formats/format.ts'
import { html, type Html } from '../html.ts'
import type { Visit } from '../visit.ts'
import { snippetTabs } from './snippets.ts'

export interface Registry {
  readonly level: Level
  /** Path of one format's registry on the server. */
  prefix(formatId: string): string
}

/** The lines that set up each format's clients for one registry; the formats in `held` come first, the first is open. */
export function installLines(visit: Visit, registry: Registry, held: readonly string[]): Html {
  const { core, site, to } = visit
  const isHeld = (format: Format<any>) => Number(held.includes(format.id))
  const formats = [...core.formats.values()].sort((a, b) => isHeld(b) - isHeld(a))
  return html`<section class="setup" id="set-up" aria-labelledby="set-up-title">
    <h2 id="set-up-title">Use this registry</h2>
    <p class="lead">
      Paste these lines into your client's settings.
      ${
        visit.principal.kind === 'user'
          ? html`The token they ask for is made under <a href="${to('/tokens')}">Access tokens</a>.`
          : 'Private packages ask for an access token.'
      }
    </p>
    <div class="accordion">
      ${formats.map(
        (format, index) =>
          html`<details name="format" ${index === 0 ? 'open' : ''}>
            <summary>
              <span class="icon" aria-hidden="true">${site.icon(format.id)}</span>${format.title}
            </summary>
            ${snippetTabs(
              `setup-${format.id}`,
              `${format.title}: what to set up`,
              format.install({
                links: createLinks(core.config.publicUrl, registry.prefix(format.id)),
                level: registry.level,
              }),
            )}
          </details>`,
      )}
    </div>
  </section>`
}
