/** What an upstream says about the digests of a file, beside the file. */
import type { DigestSource, RemoteDigests } from '../../formats/format.ts'
import type { Core } from '../core.ts'
import type { Upstream } from '../records/upstreams.ts'
import { addressOf, askUpstream } from './client.ts'
import { decodedBody } from '../egress/decoded-body.ts'
import { failureOf, failureOfStatus, notUsable } from './failure.ts'
import { longestDocument } from './read-documents.ts'

/**
 * Asks one source. Undefined: it does not exist, or says nothing of the file.
 * @throws Problem 502 to 504 where it cannot be asked, or is not what it should be.
 */
export async function readSource(
  core: Core,
  upstream: Upstream,
  source: DigestSource,
): Promise<RemoteDigests | undefined> {
  try {
    const bytes = await fetchedSource(core, upstream, source)
    return bytes && source.read(bytes)
  } catch (error) {
    throw error instanceof TypeError || error instanceof SyntaxError
      ? notUsable(upstream.name, `says the digest of a file in a way that is not understood`, error)
      : failureOf(upstream.name, error)
  }
}

async function fetchedSource(core: Core, upstream: Upstream, source: DigestSource) {
  const url = addressOf(upstream, source.path)
  const asking = { maxBytes: longestDocument, acceptEncoding: 'gzip' } as const
  const answer = await askUpstream(core, upstream, { url, accept: source.accept }, asking)
  const { status, headers, body } = answer
  if (status === 200) return decodedBody(answer, longestDocument)
  body.destroy()
  if (status === 404 || status === 410) return undefined
  throw failureOfStatus(upstream.name, status, headers)
}
