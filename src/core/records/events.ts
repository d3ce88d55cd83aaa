import type { Db } from '../../database/database.ts'
import { inBatches } from './batches.ts'

export type EventKind =
  | 'package.published'
  | 'package.repeated'
  | 'package.amended'
  | 'package.removed'
  | 'package.restored'
  | 'package.purged'
  | 'package.tagged'
  | 'file.removed'
  | 'file.restored'
  | 'project.created'
  | 'project.changed'
  | 'project.deleted'
  | 'project.restored'
  | 'group.created'
  | 'group.changed'
  | 'group.deleted'
  | 'group.restored'
  | 'member.added'
  | 'member.changed'
  | 'member.removed'
  | 'token.created'
  | 'token.rotated'
  | 'token.revoked'
  | 'trust.created'
  | 'trust.changed'
  | 'trust.deleted'
  | 'webhook.created'
  | 'webhook.changed'
  | 'webhook.disabled'
  | 'webhook.deleted'
  | 'user.created'
  | 'user.changed'
  | 'user.blocked'
  | 'user.unblocked'
  | 'user.deleted'
  | 'user.link_made'
  | 'user.linked'
  | 'user.password_changed'
  | 'session.started'
  | 'session.ended'
  | 'session.refused'
  | 'access.refused'
  | 'protection.created'
  | 'protection.changed'
  | 'protection.deleted'
  | 'retention.created'
  | 'retention.changed'
  | 'retention.deleted'
  | 'settings.changed'
  | 'job.retried'
  | 'name.moved'
  | 'name.reserved'
  | 'name.released'
  | 'name.mixed'
  | 'name.unmixed'
  | 'upstream.mismatch'
  | 'upstream.created'
  | 'upstream.changed'
  | 'upstream.removed'
  | 'upstream.repinned'
  | 'index.created'
  | 'index.changed'
  | 'index.deleted'
  | 'signing_key.created'
  | 'signing_key.retired'

/** Who did it, from where: stands in every event. */
export interface Origin {
  readonly userId: number | null
  readonly tokenId: number | null
  /** As shown: a user name, or what a token without a user is called; null: the server itself, or nobody known. */
  readonly actor: string | null
  readonly address: string | null
  readonly requestId: string | null
}

/** For what the server does by itself. */
export const ownOrigin: Origin = { userId: null, tokenId: null, actor: null, address: null, requestId: null }

export interface EventSubject {
  /** Where it happened: in a project, on a group itself, or (neither) on the instance. */
  readonly projectId?: number
  readonly groupId?: number
  readonly format?: string
  readonly name?: string
  readonly version?: string
  readonly detail?: unknown
}

export interface NewEvent {
  readonly kind: EventKind
  readonly origin: Origin
  readonly subject: EventSubject
  readonly at: number
}

/** Writes what happened, in the transaction in which it happens. */
export async function recordEvent(
  db: Db,
  kind: EventKind,
  origin: Origin,
  subject: EventSubject,
  now: number,
): Promise<void> {
  await db
    .insertInto('events')
    .values(asRow({ kind, origin, subject, at: now }))
    .execute()
}

/** Writes several events. */
export async function recordEvents(db: Db, events: readonly NewEvent[]): Promise<void> {
  for (const batch of inBatches(events)) await db.insertInto('events').values(batch.map(asRow)).execute()
}

const asRow = ({ kind, origin, subject, at }: NewEvent) => ({
  at,
  kind,
  project_id: subject.projectId ?? null,
  group_id: subject.groupId ?? null,
  format: subject.format ?? null,
  name: subject.name ?? null,
  version: subject.version ?? null,
  user_id: origin.userId,
  token_id: origin.tokenId,
  actor: origin.actor,
  address: origin.address,
  request_id: origin.requestId,
  detail: subject.detail === undefined ? null : JSON.stringify(subject.detail),
})
