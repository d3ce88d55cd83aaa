/**
 * Where to go after signing in: a path of this site, without the public URL's own path, as it stands in the query.
 * Whatever could lead elsewhere becomes the front page.
 */
export function returnPath(text: string | null): string {
  if (!text || text.length > 2000 || !text.startsWith('/') || !URL.canParse(text, here)) return '/'
  const { origin, pathname, search } = new URL(text, here)
  if (origin !== here || pathname.startsWith('//')) return '/'
  return pathname + search
}

/** No host has this name (RFC 2606): a path that leads away from it leads away from us. */
const here = 'http://here.invalid'

/** The sign-in page that leads back to `path`. */
export function signInPath(path: string): string {
  return path === '/' ? '/sign-in' : `/sign-in?return_to=${encodeURIComponent(path)}`
}
