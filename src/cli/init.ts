import { createPersonalToken } from '../core/access/personal-token.ts'
import { ownOrigin } from '../core/records/events.ts'
import { createUser, hasAdministrator } from '../core/records/users.ts'
import type { Command } from './command.ts'
import { withDatabase } from './open.ts'

export const init: Command = {
  name: 'init',
  summary: 'prepare a new server from a script: the first administrator and a token',
  help: `Makes the database, the administrator "root" and a token for it with scope api, which is printed once.
To sign in on the web afterwards, give root a password: entrepot user reset-password root

  entrepot init --json      prints {"user":"root","token":"..."}`,
  async run({ values }, process) {
    return withDatabase(process, async (database) => {
      const now = Date.now()
      if (await hasAdministrator(database.read)) {
        process.err(
          'entrepot init: this server has an administrator already; make tokens with `entrepot token create`',
        )
        return 1
      }
      const { text, user } = await database.write(async (db) => {
        const row = await createUser(db, { username: 'root', name: 'Administrator', admin: true }, now)
        const wish = { userId: row.id, name: 'init', scopes: ['api'] }
        return { text: (await createPersonalToken(db, wish, ownOrigin, now)).text, user: row }
      })
      process.out(
        values.json
          ? JSON.stringify({ user: user.username, token: text })
          : `user   ${user.username}\ntoken  ${text}`,
      )
      return 0
    })
  },
}
