/** The sections `egress` and `trusts`: whom the server asks, and whom it believes. */
import { z } from 'zod'
import { parseNetwork } from '../lib/networks.ts'
import { isIssuer } from '../lib/issuer.ts'
import { parseProxy } from './addresses.ts'
import { flag, listOf, optionalSetting, parsed, setting, text } from './settings.ts'

const networks = listOf(
  z.string().refine((value) => parseNetwork(value) !== undefined),
  "a list of networks in CIDR notation, such as ['10.0.0.0/8', 'fd00::/8']",
)
const issuers = listOf(
  z.string().refine(isIssuer),
  "a list of issuers' URLs, such as ['https://gitlab.internal']",
)
const proxy = parsed("an http or https URL, such as 'http://proxy.example.com:3128'", parseProxy)

export const egressKeys = {
  allow: optionalSetting(
    networks,
    'Networks beside the public Internet that the server may connect to; there also over plain http.',
    { fallback: 'none' },
  ),
  allow_http: setting(flag, false, 'Whether the server may use plain http everywhere.'),
  proxy: optionalSetting(
    proxy,
    'The proxy between the server and the public Internet; may hold a user name and a password.',
    { secret: true },
  ),
  ca: optionalSetting(
    text('a path'),
    'A PEM file with certificate authorities to trust beside the known ones.',
  ),
}

export const trustsKeys = {
  internal_issuers: optionalSetting(
    issuers,
    'Issuers of ID tokens that groups and projects may trust although they are not on the public Internet.',
    { fallback: 'none' },
  ),
}
