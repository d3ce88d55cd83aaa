/** The settings of running the server: processes, stopping, metrics, its log, time limits. */
import { z } from 'zod'
import { parseNetwork } from '../lib/networks.ts'
import { parseDuration } from './durations.ts'
import {
  atRunTime,
  flag,
  listOf,
  oneOf,
  optionalSetting,
  parsed,
  setting,
  text,
  type Kind,
} from './settings.ts'

const mostWorkers = 64

/** A number of processes; 'auto': one for each core. */
export const workersKind: Kind<number | 'auto'> = parsed(
  `a whole number from 1 to ${mostWorkers}, or 'auto' for one per core`,
  (value) => {
    if (value === 'auto') return value
    const count = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value
    const isCount = typeof count === 'number' && Number.isInteger(count) && count >= 1 && count <= mostWorkers
    return isCount ? count : undefined
  },
)

export const duration = parsed(
  "a number of seconds above zero, or a duration such as '30s', '5m' or '500ms'",
  parseDuration,
)
const durationOrNone = parsed(
  "a number of seconds, or a duration such as '30s' or '15m'; 0 for none",
  (value) => (value === 0 || value === '0' ? 0 : parseDuration(value)),
)
const networks = listOf(
  z.string().refine((range) => parseNetwork(range) !== undefined),
  "a list of addresses or ranges, such as ['10.0.0.0/8', '::1']",
)

export const shutdownKeys = {
  delay: atRunTime(
    setting(
      durationOrNone,
      0,
      'How long a server that was told to stop goes on taking requests while `/-/readiness` already answers 503, so that a load balancer notices.',
    ),
  ),
  grace: atRunTime(
    setting(
      durationOrNone,
      '15m',
      'How long requests in flight, such as long uploads, may go on after that, before they are cut.',
    ),
  ),
}

export const metricsKeys = {
  enabled: atRunTime(setting(flag, true, 'Whether `/-/metrics` answers at all.')),
  allow: atRunTime(
    optionalSetting(networks, 'Who may read `/-/metrics` without a token.', {
      fallback: "`['127.0.0.0/8', '::1']`",
    }),
  ),
  token: atRunTime(
    optionalSetting(
      text('a secret text of 16 to 1024 characters', { min: 16, max: 1024 }),
      'Whoever sends it as a bearer token may read `/-/metrics` from everywhere.',
      { secret: true },
    ),
  ),
}

export const logKeys = {
  level: atRunTime(
    setting(oneOf('fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'), 'info', 'What is logged.'),
  ),
  requests: atRunTime(
    setting(oneOf('info', 'debug', 'off'), 'info', 'The level at which each request is a line of the log.'),
  ),
}

export const limitsKeys = {
  headers_timeout: atRunTime(
    setting(duration, 30, 'How long a client may take to send its request headers.'),
  ),
  stall_timeout: atRunTime(
    setting(duration, 60, 'How long a body may pause, on the way in or out, before the connection is cut.'),
  ),
  keep_alive: atRunTime(
    setting(duration, 75, 'How long an idle connection stays open; longer than a proxy in front keeps it.'),
  ),
}
