/** What the commands about upstreams have in common. */
import { parseDuration } from '../config/durations.ts'
import { parseSize } from '../config/sizes.ts'
import { WrongCall, type Arguments, type Process } from './command.ts'
import { placePath } from './place-options.ts'
import { secretFrom } from './secret-file.ts'

type Values = Readonly<Record<string, string | undefined>>

/** The address of a place's upstreams below /api/v4. */
export const upstreamsPath = (args: Arguments) => placePath(args, 'upstreams')

/** As `upstreamsPath`, of the one whose number stands behind the command. */
export function upstreamPath(args: Arguments): string {
  const [id = ''] = args.positionals
  if (!/^[1-9]\d{0,14}$/.test(id)) throw new WrongCall(`an upstream is named by its number, not by ${id}`)
  return `${upstreamsPath(args)}/${id}`
}

export const wishOptions = {
  name: { type: 'string' },
  position: { type: 'string' },
  username: { type: 'string' },
  'password-file': { type: 'string' },
  'token-file': { type: 'string' },
  ttl: { type: 'string' },
  include: { type: 'string', multiple: true },
  exclude: { type: 'string', multiple: true },
  'keep-days-unused': { type: 'string' },
  'max-bytes': { type: 'string' },
  offline: { type: 'boolean' },
  'anonymous-fill': { type: 'boolean' },
  mixes: { type: 'boolean' },
} as const

const longestTtlMs = 30 * 86_400_000

/** What the options say, as REST takes it; what was left out is left out. */
export async function wishFrom({ values }: Arguments, process: Process): Promise<object> {
  const { name, position, ttl, 'keep-days-unused': days, 'max-bytes': bytes } = values as Values
  const wish = {
    name,
    position: position === undefined ? undefined : numberFrom('--position', position),
    ...(await credentialFrom(values as Values, process)),
    ttl: ttl === undefined ? undefined : secondsFrom(ttl),
    include: values['include'],
    exclude: values['exclude'],
    keep_days_unused: orNone(days, (text) => numberFrom('--keep-days-unused', text)),
    max_bytes: orNone(bytes, bytesFrom),
    offline: flagFrom(values, 'offline'),
    anonymous_fill: flagFrom(values, 'anonymous-fill'),
    mixes: flagFrom(values, 'mixes'),
  }
  return Object.fromEntries(Object.entries(wish).filter(([, value]) => value !== undefined))
}

/** `--no-offline` is the opposite of `--offline`. */
function flagFrom(values: Arguments['values'], name: string): boolean | undefined {
  if (values[name] && values[`no-${name}`]) throw new WrongCall(`--${name} or --no-${name}, not both`)
  if (values[`no-${name}`]) return false
  return values[name] ? true : undefined
}

async function credentialFrom(values: Values, process: Process): Promise<object> {
  const { username, 'password-file': passwordFile, 'token-file': tokenFile } = values
  if (tokenFile !== undefined && (username !== undefined || passwordFile !== undefined)) {
    throw new WrongCall('give --username and --password-file together, or --token-file alone')
  }
  if ((username === undefined) !== (passwordFile === undefined)) {
    throw new WrongCall('--username and --password-file belong together')
  }
  if (tokenFile !== undefined) return { token: await secretFrom(tokenFile, process) }
  return passwordFile === undefined ? {} : { username, password: await secretFrom(passwordFile, process) }
}

const orNone = <T>(text: string | undefined, parse: (text: string) => T): T | null | undefined =>
  text === undefined ? undefined : text === 'none' ? null : parse(text)

function numberFrom(option: string, text: string): number {
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text)
  throw new WrongCall(`${option} is a number above 0, not ${text}`)
}

function secondsFrom(text: string): number {
  const ms = /^0+$/.test(text) ? 0 : parseDuration(text, longestTtlMs)
  if (ms !== undefined && ms % 1000 === 0) return ms / 1000
  throw new WrongCall(`--ttl is a duration of whole seconds such as 10m, at most 30 days, not ${text}`)
}

function bytesFrom(text: string): number {
  const bytes = parseSize(text)
  if (bytes) return bytes
  throw new WrongCall(`--max-bytes is a size such as 10GB, or none, not ${text}`)
}

/** An upstream as the server shows it. */
export interface ShownUpstream {
  readonly id: number
  readonly format: string
  readonly position: number
  readonly name: string
  readonly url: string
  readonly credential_set: boolean
  readonly offline: boolean
  readonly source: 'hand' | 'configuration'
}
