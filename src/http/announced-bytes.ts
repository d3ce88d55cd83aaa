import type { IncomingMessage } from 'node:http'

/** What may stand around a file in a form. */
const aroundFile = 64 * 1024

/**
 * How many bytes of files a body holds at least, as far as its headers tell. JSON may carry a file in another encoding,
 * or none at all: that is counted as it is taken out.
 */
export function announcedBytes(req: Pick<IncomingMessage, 'headers'>): number {
  const length = Number(req.headers['content-length'] ?? 0)
  const type = req.headers['content-type'] ?? ''
  if (/^application\/json\b/i.test(type)) return 0
  return /^multipart\//i.test(type) ? Math.max(0, length - aroundFile) : length
}
