const longest = 2048

/**
 * The address of a registry elsewhere in the one spelling that is kept: without a slash at its end.
 * Undefined: it is no http or https URL, is too long, or holds a password, a query or a fragment.
 */
export function upstreamUrl(text: string): string | undefined {
  if (text.length > longest || !/^[^\s?#\\]+$/.test(text) || !URL.canParse(text)) return undefined
  const { protocol, username, password, href } = new URL(text)
  if (!/^https?:$/.test(protocol) || username || password) return undefined
  return href.replace(/\/+$/, '')
}
