import { createPersonalToken } from '../core/access/personal-token.ts'
import { scopes as allScopes } from '../core/access/principal.ts'
import { longestTokenDays } from '../core/access/token-life.ts'
import { ownOrigin } from '../core/records/events.ts'
import { WrongCall, type Command } from './command.ts'
import { userNamed } from './find-user.ts'
import { withDatabase } from './open.ts'

const day = 86_400_000

export const tokenCreate: Command = {
  name: 'token create',
  summary: 'make an access token for a user',
  usage: '<username> --name <name> --scope <scope> [--scope ...]',
  help: `Makes a personal access token on this machine's server (ENTREPOT_DATA) and prints it, once.
Scopes: ${allScopes.join(', ')}.
It lives ${longestTokenDays} days, or --expires-in days.

  entrepot token create alice --name ci --scope write_package_registry --expires-in 90`,
  options: {
    name: { type: 'string' },
    scope: { type: 'string', multiple: true },
    'expires-in': { type: 'string' },
  },
  positionals: ['<username>'],
  async run({ values, positionals }, process) {
    const { name, scope: scopes } = values as { name?: string; scope?: string[] }
    if (name === undefined) throw new WrongCall('--name is missing: what is the token for?')
    if (!scopes) throw new WrongCall(`--scope is missing: choose among ${allScopes.join(', ')}`)
    const lifetime = daysFrom(values['expires-in'] as string | undefined)
    await withDatabase(process, async (database) => {
      const now = Date.now()
      const { text, row, user } = await database.write(async (db) => {
        const owner = await userNamed(db, positionals[0]!)
        const expiresAt = lifetime === undefined ? undefined : now + lifetime * day
        const wish = { userId: owner.id, name, scopes, expiresAt }
        return { ...(await createPersonalToken(db, wish, ownOrigin, now)), user: owner }
      })
      const expires = row.expires_at === null ? null : new Date(row.expires_at).toISOString().slice(0, 10)
      const words = { id: row.id, user: user.username, name, scopes, expires_at: expires, token: text }
      process.out(values.json ? JSON.stringify(words) : text)
    })
  },
}

function daysFrom(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text)
  throw new WrongCall(`--expires-in is a number of days, not ${text}`)
}
