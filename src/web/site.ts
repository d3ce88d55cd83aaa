/** What all pages of one server share. */
import { createSingleSignOn, type SingleSignOn } from '../core/access/sso/single-sign-on.ts'
import type { Core } from '../core/core.ts'
import { loadAssets, type Assets } from './assets.ts'
import { createFormatIcons } from './format-icons.ts'
import { raw, type Html } from './html.ts'

export interface Site {
  readonly core: Core
  /** Path of the public URL, without a slash at its end: '' or '/packages'. */
  readonly basePath: string
  /** Origin of the public URL: what forms must come from. */
  readonly publicOrigin: string
  /** Whether people reach us over https, so that the cookie must never travel otherwise. */
  readonly secure: boolean
  /** Undefined where no OpenID provider is configured. */
  readonly sso: SingleSignOn | undefined
  readonly assets: Assets
  /** The icon of a format, or a plain box. */
  icon(formatId: string): Html
}

export async function createSite(core: Core): Promise<Site> {
  const { origin, pathname, protocol } = new URL(core.config.publicUrl)
  const icons = await createFormatIcons([...core.formats.keys()])
  return {
    core,
    basePath: pathname.replace(/\/+$/, ''),
    publicOrigin: origin,
    secure: protocol === 'https:',
    sso: core.config.sso && createSingleSignOn(core, core.config.sso),
    assets: await loadAssets(),
    icon: (formatId) => raw(icons(formatId)),
  }
}
