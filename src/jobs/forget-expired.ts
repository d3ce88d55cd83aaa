import type { JobKind } from './job.ts'

/** How long audit events are kept. */
const auditMs = 400 * 86_400_000

/** Job tokens are many, and nobody looks for one that has expired so long ago. */
const jobTokensMs = 7 * 86_400_000

/** Deletes sessions, one-time links, used ID tokens, job tokens and audit events whose time is over. */
export const forgetExpired: JobKind = {
  kind: 'forget-expired',
  every: 3_600_000,
  async run(core) {
    const now = core.clock()
    await core.database.write(async (db) => {
      await db.deleteFrom('sessions').where('expires_at', '<', now).execute()
      await db.deleteFrom('links').where('expires_at', '<', now).execute()
      await db.deleteFrom('used_id_tokens').where('expires_at', '<', now).execute()
      await db
        .deleteFrom('tokens')
        .where('kind', '=', 'job')
        .where('expires_at', '<', now - jobTokensMs)
        .execute()
      await db
        .deleteFrom('events')
        .where('at', '<', now - auditMs)
        .execute()
    })
  },
}
