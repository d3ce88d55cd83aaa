/** Templates that escape whatever is put into them. `raw` is for our own SVG only. */
import type { html } from 'hono/html'

export { html, raw } from 'hono/html'
export type Html = ReturnType<typeof html> | ''
