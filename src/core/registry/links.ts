import type { Link, Links } from '../../formats/format.ts'

/** Links on the configured public URL (no trailing slash; may have a sub-path) into the registry at `prefix`. */
export function createLinks(publicUrl: string, prefix: string): Links {
  return {
    to(path, query) {
      const base = publicUrl.replace(/\/+$/, '') + prefix
      const encoded = path.split('/').map(encodeSegment).join('/')
      const search = query && Object.keys(query).length > 0 ? `?${new URLSearchParams(query)}` : ''
      return `${base}${encoded.startsWith('/') || encoded === '' ? '' : '/'}${encoded}${search}` as Link
    },
  }
}

const encodeSegment = (segment: string) =>
  encodeURIComponent(segment).replaceAll('%40', '@').replaceAll('%2B', '+')
