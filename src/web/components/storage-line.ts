import { byteAmount } from '../../lib/byte-amount.ts'
import { html, type Html } from '../html.ts'

/** `Package files: 1.4 GB of 10.0 GB`; nothing where there is neither a file nor a limit. */
export function storageLine(bytes: number, limit: number | null): Html {
  if (bytes === 0 && limit === null) return ''
  return html`<p class="muted">
    Package files: ${byteAmount(bytes)}${limit === null ? '' : ` of ${byteAmount(limit)}`}
  </p>`
}
