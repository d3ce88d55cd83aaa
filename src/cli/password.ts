/** Passwords on the command line: read from standard input, never from an argument, or left to a link. */
import { checkPassword, hashPassword } from '../core/access/password.ts'
import { StartRefused } from '../lib/start-refused.ts'
import type { Arguments, Process } from './command.ts'

export const passwordOptions = { 'password-stdin': { type: 'boolean' } } as const

/** The hash of the password on standard input, or undefined where `--password-stdin` was not given. */
export async function passwordHashFrom({ values }: Arguments, process: Process): Promise<string | undefined> {
  if (!values['password-stdin']) return undefined
  const password = (await process.input()).replace(/\r?\n$/, '')
  if (password === '') throw new StartRefused('there is no password on standard input')
  checkPassword(password)
  return hashPassword(password)
}

/** What is printed about a link at which a user chooses a password. */
export const linkText = (link: string) =>
  `${link}\nGive it to them: it works once, within a day, while the server runs.`
