import { addUser } from '../core/access/new-user.ts'
import { invitationLink } from '../core/access/one-time-links.ts'
import { ownOrigin } from '../core/records/events.ts'
import type { Command } from './command.ts'
import { withDatabase } from './open.ts'
import { linkText, passwordHashFrom, passwordOptions } from './password.ts'

export const userCreate: Command = {
  name: 'user create',
  summary: 'add a user',
  usage: '<username>',
  help: `Adds a user on this machine's server (ENTREPOT_DATA) and prints a one-time link at which they choose a password.
With --password-stdin the password is read from standard input instead; --admin makes an administrator.

  entrepot user create alice --name "Alice Adams"
  pass show alice | entrepot user create alice --password-stdin`,
  options: { name: { type: 'string' }, admin: { type: 'boolean' }, ...passwordOptions },
  positionals: ['<username>'],
  async run(args, process) {
    const { values, positionals } = args
    const passwordHash = (await passwordHashFrom(args, process)) ?? null
    await withDatabase(process, async (database, { publicUrl }) => {
      const now = Date.now()
      const made = await database.write(async (db) => {
        const wish = {
          username: positionals[0]!,
          name: values.name as string | undefined,
          admin: values.admin === true,
          passwordHash,
        }
        const user = await addUser(db, wish, ownOrigin, now)
        return { user, link: passwordHash ? undefined : await invitationLink(db, publicUrl, user.id, now) }
      })
      const { id, username } = made.user
      if (values.json) process.out(JSON.stringify({ id, username, link: made.link }))
      else if (made.link) process.out(`user ${username} chooses a password at ${linkText(made.link)}`)
      else process.out(`user ${username} was added`)
    })
  },
}
