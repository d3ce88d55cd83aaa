/** What is sent to a webhook. */
import { createHmac } from 'node:crypto'
import type { ListedEvent } from '../records/event-lists.ts'

export interface Message {
  /** The same for every attempt to deliver the same event. */
  readonly id: string
  readonly kind: string
  /** JSON. */
  readonly body: string
}

/** The message about one event. */
export function messageOf(hookId: number, event: ListedEvent): Message {
  const { id, kind, at, actor, format, name, version, project_id: project, group_id: group } = event
  const body = {
    id,
    kind,
    time: new Date(at).toISOString(),
    actor,
    project: project === null ? null : { id: project, path: event.project_path },
    group: group === null ? null : { id: group, path: event.group_path },
    format,
    name,
    version,
    files: filesOf(event.detail),
  }
  return { id: `${hookId}-${id}`, kind, body: JSON.stringify(body) }
}

/** Of a publication: what was uploaded, as `{ path, sha256 }`. */
function filesOf(detail: string | null): unknown[] {
  const { files } = (detail === null ? {} : JSON.parse(detail)) as { files?: unknown }
  return Array.isArray(files) ? files : []
}

/**
 * The value of `X-Entrepot-Signature`: when it was sent (seconds since 1970), and the HMAC-SHA256 of that time, a dot
 * and the body, in hexadecimal.
 */
export function signature(secret: string, body: string, now: number): string {
  const time = Math.floor(now / 1000)
  const code = createHmac('sha256', secret).update(`${time}.${body}`).digest('hex')
  return `t=${time},v1=${code}`
}
