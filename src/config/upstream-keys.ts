/** The section `upstreams`: registries elsewhere that all groups fill from, unless they have their own. */
import { z } from 'zod'
import { upstreamUrl } from '../lib/upstream-url.ts'
import { parseDuration } from './durations.ts'
import { optionalSetting, parsed, type Kind } from './settings.ts'
import { parseSize } from './sizes.ts'

/** An upstream as it stands in the file. */
export interface ConfiguredUpstream {
  readonly name?: string | undefined
  /** Without a slash at its end. */
  readonly url: string
  readonly credential: { readonly username: string | null; readonly secret: string } | null
  readonly ttlMs?: number | undefined
  readonly include?: readonly string[] | undefined
  readonly exclude?: readonly string[] | undefined
  readonly keepDaysUnused?: number | null | undefined
  readonly maxBytes?: number | null | undefined
  readonly anonymousFill?: boolean | undefined
  readonly offline?: boolean | undefined
  readonly mixes?: boolean | undefined
}

const mostUpstreams = 20
const longestTtlMs = 30 * 86_400_000

const url = parsed('', (value) => {
  const address = typeof value === 'string' ? upstreamUrl(value) : undefined
  if (address !== undefined) return address
  throw new Error('url must be an http or https URL without password, query and fragment')
}).schema
const ttl = parsed('', (value) => {
  const ms = value === 0 ? 0 : parseDuration(value, longestTtlMs)
  if (ms !== undefined) return ms
  throw new Error("ttl must be a duration of at most 30 days, such as '10m' or '24h', or 0")
}).schema
const maxBytes = parsed('', (value) => {
  const bytes = parseSize(value)
  if (bytes !== undefined && bytes > 0) return bytes
  throw new Error("max_bytes must be a size, such as '10GB'")
}).schema

const line = (longest: number) =>
  z
    .string()
    .min(1)
    .max(longest)
    // oxlint-disable-next-line no-control-regex -- they are what must not be in it
    .regex(/^[^\u0000-\u001f\u007f]*$/)
const patterns = z.array(line(255)).max(100)

const entry = z
  .strictObject({
    url,
    name: line(255).optional(),
    username: line(255).optional(),
    password: line(8192).optional(),
    token: line(8192).optional(),
    ttl: ttl.optional(),
    include: patterns.optional(),
    exclude: patterns.optional(),
    keep_days_unused: z.int().min(1).max(36_500).optional(),
    max_bytes: maxBytes.optional(),
    anonymous_fill: z.boolean().optional(),
    offline: z.boolean().optional(),
    mixes: z.boolean().optional(),
  })
  .superRefine(({ username, password, token }, context) => {
    const isPair = (username === undefined) === (password === undefined)
    if (isPair && !(token && username)) return
    const message = 'give username and password together, or token alone, or none of them'
    context.addIssue({ code: 'custom', message })
  })

const list: Kind<z.output<typeof entry>[]> = {
  schema: z
    .array(entry)
    .max(mostUpstreams)
    .superRefine((entries, context) => {
      const twin = entries.find((one, at) =>
        entries.some((other, before) => before < at && other.url === one.url),
      )
      if (twin) context.addIssue({ code: 'custom', message: `${twin.url} stands there twice` })
    }),
  allowed: `a list of at most ${mostUpstreams} such as [{url: 'https://mirror.example.com/all', ttl: 10m}], each with url and, where wished, ${Object.keys(
    entry.shape,
  )
    .filter((key) => key !== 'url')
    .join(', ')}`,
}

/** A key for each format that fills from others. */
export function upstreamKeys(formatIds: readonly string[]) {
  const about =
    'The upstreams of the instance, in order: every group without its own asks them. Adopted at the start.'
  return Object.fromEntries(
    formatIds.map((id) => [id, optionalSetting(list, about, { fallback: 'none', secret: true })]),
  )
}

type Section = Readonly<Record<string, readonly z.output<typeof entry>[] | undefined>>

/** By format, in order. */
export function upstreamsConfig(section: Section): Record<string, ConfiguredUpstream[]> {
  return Object.fromEntries(
    Object.entries(section).flatMap(([id, entries]) => (entries ? [[id, entries.map(configured)]] : [])),
  )
}

const configured = (one: z.output<typeof entry>): ConfiguredUpstream => ({
  name: one.name,
  url: one.url,
  credential: credentialOf(one),
  ttlMs: one.ttl,
  include: one.include,
  exclude: one.exclude,
  keepDaysUnused: one.keep_days_unused,
  maxBytes: one.max_bytes,
  anonymousFill: one.anonymous_fill,
  offline: one.offline,
  mixes: one.mixes,
})

function credentialOf({
  username,
  password,
  token,
}: z.output<typeof entry>): ConfiguredUpstream['credential'] {
  if (token !== undefined) return { username: null, secret: token }
  return username === undefined ? null : { username, secret: password! }
}
