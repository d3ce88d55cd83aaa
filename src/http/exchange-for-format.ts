/** The exchange of ID tokens as formats' own clients ask for it. */
import type { IncomingMessage } from 'node:http'
import { anonymous } from '../core/access/principal.ts'
import { exchangeIdToken } from '../core/access/trusts/exchange.ts'
import type { Core } from '../core/core.ts'
import type { TrustOf } from '../core/records/trusts.ts'
import { resolveGroup, resolveProject } from '../core/registry/resolve.ts'
import type { ExchangeOptions, Format, JobToken } from '../formats/format.ts'
import { originOf } from './identify-caller.ts'
import type { PackageAddress } from './package-address.ts'
import { decodeSegment } from './paths.ts'

interface Asked {
  readonly core: Core
  readonly req: IncomingMessage
  readonly generation: number
  readonly address: PackageAddress
  readonly format: Format<any>
}

/** Exchanges at the level that was asked. Throws as `exchangeIdToken`, and 400 for a name that is none. */
export async function exchangeForFormat(
  asked: Asked,
  idToken: string,
  { name, audience }: ExchangeOptions = {},
): Promise<JobToken> {
  const { core, req, format } = asked
  const { normalize, owner } = format.names
  const ahead = name && { format: format.id, key: normalize(name), owner: owner?.(normalize(name)) }
  const wish = { idToken, audience, of: await trustOf(asked), name: ahead || undefined }
  const { text, row } = await exchangeIdToken(core, wish, originOf(core, req, anonymous))
  return { token: text, expiresIn: Math.floor((row.expires_at! - row.created_at) / 1000) }
}

async function trustOf({ core, generation, address }: Asked): Promise<TrustOf | 'none' | undefined> {
  if (address.level === 'instance') return undefined
  const id = decodeSegment(address.id)
  if (address.level === 'project') {
    const project = await resolveProject(core, generation, id)
    return project ? { project_id: project.id } : 'none'
  }
  const group = await resolveGroup(core, generation, id)
  return group ? { group_id: group.id } : 'none'
}
