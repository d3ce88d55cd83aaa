import { changePassword } from '../core/access/change-password.ts'
import { passwordLink } from '../core/access/one-time-links.ts'
import { ownOrigin } from '../core/records/events.ts'
import type { Command } from './command.ts'
import { userNamed } from './find-user.ts'
import { withDatabase } from './open.ts'
import { linkText, passwordHashFrom, passwordOptions } from './password.ts'

export const userResetPassword: Command = {
  name: 'user reset-password',
  summary: 'let a user choose a new password',
  usage: '<username>',
  help: `Prints a one-time link at which the user chooses a new password; the old one works until then. The
link works also where password_sign_in is off, and signs in for a week: the way in when single sign-on is down.
With --password-stdin the new password is read from standard input; it holds at once and signs the user out
everywhere. Access tokens stay as they are.

  entrepot user reset-password root`,
  options: passwordOptions,
  positionals: ['<username>'],
  async run(args, process) {
    const { values, positionals } = args
    const passwordHash = await passwordHashFrom(args, process)
    await withDatabase(process, async (database, { publicUrl }) => {
      const { username, link } = await database.write(async (db) => {
        const user = await userNamed(db, positionals[0]!)
        if (passwordHash === undefined) {
          return { ...user, link: await passwordLink(db, publicUrl, user.id, Date.now()) }
        }
        await changePassword(db, user, passwordHash, ownOrigin, Date.now())
        return { ...user, link: undefined }
      })
      if (values.json) process.out(JSON.stringify({ username, link }))
      else if (link) process.out(`user ${username} chooses a password at ${linkText(link)}`)
      else process.out(`user ${username} has a new password`)
    })
  },
}
