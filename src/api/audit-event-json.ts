import { z } from 'zod'
import type { ListedEvent } from '../core/records/event-lists.ts'
import { time, timeOf } from './parameters.ts'

/** An event as GitLab's audit API shows one, and what a package's event says besides. */
export const auditEventSchema = z
  .strictObject({
    id: z.int(),
    author_id: z.int().describe('-1: nobody who is a user here'),
    entity_id: z.int(),
    entity_type: z.enum(['Project', 'Group', 'User', 'Instance']),
    event_name: z.string(),
    details: z.strictObject({
      author_name: z.string().nullable().describe('null: the server itself, or nobody known'),
      entity_path: z.string().nullable(),
      ip_address: z.string().nullable(),
      request_id: z.string().nullable().describe('X-Request-Id of the answer'),
      token_id: z.int().nullable(),
      target_type: z.string(),
      target_id: z.union([z.int(), z.string()]).nullable(),
      target_details: z.string().nullable(),
      package_type: z.string().nullable(),
      package_name: z.string().nullable(),
      package_version: z.string().nullable(),
      data: z.record(z.string(), z.unknown()).describe('what else the event says, by its kind'),
    }),
    created_at: time,
  })
  .meta({ id: 'AuditEvent' })

export function auditEventJson(row: ListedEvent): z.input<typeof auditEventSchema> {
  const data = row.detail === null ? {} : (JSON.parse(row.detail) as Record<string, unknown>)
  return {
    id: row.id,
    author_id: row.user_id ?? -1,
    ...entityOf(row, data),
    event_name: row.kind,
    details: {
      author_name: row.actor,
      entity_path: row.project_path ?? row.group_path,
      ip_address: row.address,
      request_id: row.request_id,
      token_id: row.token_id,
      ...targetOf(row, data),
      package_type: row.format,
      package_name: row.name,
      package_version: row.version,
      data,
    },
    created_at: timeOf(row.at),
  }
}

function entityOf(row: ListedEvent, data: Record<string, unknown>) {
  if (row.project_id !== null) return { entity_type: 'Project', entity_id: row.project_id } as const
  if (row.group_id !== null) return { entity_type: 'Group', entity_id: row.group_id } as const
  if (typeof data.user === 'number') return { entity_type: 'User', entity_id: data.user } as const
  return { entity_type: 'Instance', entity_id: 1 } as const
}

/** What was acted on: the kind's first word says what it is, the event which one. */
function targetOf(row: ListedEvent, data: Record<string, unknown>) {
  const [what = ''] = row.kind.split('.', 1)
  const own = { project: row.project_id, group: row.group_id, member: data.user }[what] ?? data[what]
  const isPackage = row.name !== null
  const named = isPackage ? [row.name, row.version].filter(Boolean).join(' ') : undefined
  return {
    target_type: what === '' ? 'Instance' : typeName(what),
    target_id: typeof own === 'number' || typeof own === 'string' ? own : null,
    target_details:
      named ?? textOf(data.username) ?? textOf(data.path) ?? textOf(data.name) ?? textOf(data.fingerprint),
  }
}

/** `signing_key` as `SigningKey`. */
const typeName = (what: string) => what.replaceAll(/(?:^|_)(\w)/g, (_, first: string) => first.toUpperCase())

const textOf = (value: unknown) => (typeof value === 'string' ? value : null)
