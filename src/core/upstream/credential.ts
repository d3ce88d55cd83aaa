/** The credential of an upstream, and where it is sent. */
import { unseal } from '../../lib/secrets.ts'
import type { Core } from '../core.ts'
import type { EgressRequest } from '../egress/egress.ts'
import type { Upstream } from '../records/upstreams.ts'

export interface UpstreamCredential {
  /** Null: `secret` is a bearer token. */
  readonly username: string | null
  readonly secret: string
}

/** The stored credential. Throws UnsealError where it was sealed under another secret key. */
export function storedCredential(
  { secretKey }: Pick<Core, 'secretKey'>,
  { username, credential }: Pick<Upstream, 'username' | 'credential'>,
): UpstreamCredential | null {
  return credential === null ? null : { username, secret: unseal(secretKey, credential).toString('utf8') }
}

/** The header that carries it, to the origin of `url` only. */
export function credentialFor(
  url: string,
  credential: UpstreamCredential | null,
): Pick<EgressRequest, 'credential'> {
  if (credential === null) return {}
  const { username, secret } = credential
  const value =
    username === null
      ? `Bearer ${secret}`
      : `Basic ${Buffer.from(`${username}:${secret}`).toString('base64')}`
  return { credential: { origin: new URL(url).origin, name: 'authorization', value } }
}
