/** People who sign in through a provider must do so again and again: whoever left the company stops having access. */
import type { Core } from '../../core.ts'
import { lastConfirmation } from '../../records/identities.ts'

/**
 * Until when the user's sessions and tokens count without another sign-in through the provider (milliseconds since
 * 1970); Infinity for who does not sign in that way, and where nothing of the kind is configured.
 */
export async function confirmedUntil(
  core: Pick<Core, 'config' | 'database'>,
  userId: number,
): Promise<number> {
  const recheckAfter = core.config.sso?.recheckAfter ?? Infinity
  if (recheckAfter === Infinity) return Infinity
  const last = await lastConfirmation(core.database.read, userId)
  return last === undefined ? Infinity : last + recheckAfter
}
