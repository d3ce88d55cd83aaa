/** Asks an upstream once, to say whether it can be asked, and no more than that. */
import { UnsealError } from '../../../lib/secrets.ts'
import type { Core } from '../../core.ts'
import type { Upstream } from '../../records/upstreams.ts'
import { EgressError } from '../../egress/egress-error.ts'
import { credentialFor, storedCredential, type UpstreamCredential } from '../credential.ts'

/** What may be said about it: its status or that there was none; neither addresses nor what it answered. */
export interface Trial {
  readonly ok: boolean
  readonly status: number | null
  readonly message: string
}

const timeoutMs = 10_000
/** Nothing is made of the answer. */
const longestAnswer = 1024 * 1024

/** Asks the address itself, once. */
export async function tryAddress(
  { egress }: Pick<Core, 'egress'>,
  url: string,
  credential: UpstreamCredential | null,
): Promise<Trial> {
  try {
    const { status } = await egress.fetch({
      url: `${url}/`,
      headers: { accept: '*/*' },
      ...credentialFor(url, credential),
      maxBytes: longestAnswer,
      timeoutMs,
      retries: 0,
      lane: 'upstream',
    })
    return { status, ...judge(status, credential !== null) }
  } catch (error) {
    if (!(error instanceof EgressError)) throw error
    // It answered, and with more than a look needs.
    if (error.failure === 'too_large') return { ok: true, status: null, message: 'it answers' }
    return { ok: false, status: null, message: 'not reachable' }
  }
}

/** As `tryAddress`, with what is stored of it. */
export async function tryUpstream(
  core: Pick<Core, 'egress' | 'secretKey'>,
  upstream: Upstream,
): Promise<Trial> {
  try {
    return await tryAddress(core, upstream.url, storedCredential(core, upstream))
  } catch (error) {
    if (!(error instanceof UnsealError)) throw error
    const message = 'its credential was sealed under another secret key: give it anew'
    return { ok: false, status: null, message }
  }
}

/** Few registries have something at their root: what matters is that one answers, and lets us in. */
function judge(status: number, hasCredential: boolean): Pick<Trial, 'ok' | 'message'> {
  if (status === 401 || status === 403) {
    return { ok: false, message: hasCredential ? 'it refused the credential' : 'it wants a credential' }
  }
  if (status === 429) return { ok: false, message: 'it asks to be left alone for a while' }
  if (status >= 500) return { ok: false, message: 'it fails' }
  const isUsual = status < 400 || status === 404 || status === 405
  return isUsual ? { ok: true, message: 'it answers' } : { ok: false, message: 'it refuses the request' }
}
