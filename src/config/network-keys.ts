/** The sections `http` and `rate_limits`. */
import { z } from 'zod'
import { parseNetwork } from '../lib/networks.ts'
import { atRunTime, flag, listOf, optionalSetting, setting, wholeNumber } from './settings.ts'

const ranges = listOf(
  z.string().refine((text) => parseNetwork(text) !== undefined),
  "a list of addresses or ranges, such as ['10.0.0.0/8', '::1']",
)
const many = wholeNumber(1, 1_000_000_000)
const seconds = wholeNumber(1, 86_400)

export const httpKeys = {
  trusted_proxies: atRunTime(
    optionalSetting(
      ranges,
      "The proxies in front, whose X-Forwarded-For tells a caller's address. From anyone else the header is ignored.",
      { fallback: 'none' },
    ),
  ),
}

export const rateLimitKeys = {
  ...throttle('unauthenticated', 800, 'without a credential, per address (IPv6: per /64)'),
  ...throttle('authenticated', 1000, 'with a valid token, per user or token'),
  failed_authentications_per_minute: atRunTime(
    setting(
      many,
      10,
      'How many invalid tokens or wrong passwords are answered as such, per address (IPv6: per /64) and per user or token; further ones are answered with 429. A valid token always works.',
    ),
  ),
  uploads_at_once: atRunTime(
    setting(
      many,
      64,
      'How many publications of one user or token may be under way at once; further ones are answered with 429.',
    ),
  ),
}

type Caller = 'unauthenticated' | 'authenticated'
type Throttle<C extends Caller> = Readonly<
  Record<`throttle_${C}_packages_api_enabled`, z.ZodType<boolean>> &
    Record<
      `throttle_${C}_packages_api_requests_per_period` | `throttle_${C}_packages_api_period_in_seconds`,
      z.ZodType<number>
    >
>

function throttle<C extends Caller>(caller: C, requests: number, whose: string): Throttle<C> {
  const name = `throttle_${caller}_packages_api`
  return {
    [`${name}_enabled`]: atRunTime(
      setting(flag, false, `Whether requests for packages ${whose} are limited.`),
    ),
    [`${name}_requests_per_period`]: atRunTime(
      setting(many, requests, `How many requests a period allows ${whose}.`),
    ),
    [`${name}_period_in_seconds`]: atRunTime(setting(seconds, 15, 'How long such a period is.')),
  } as Throttle<C>
}
