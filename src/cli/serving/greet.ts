import { setupLink } from '../../core/access/one-time-links.ts'
import { hasAdministrator } from '../../core/records/users.ts'
import type { Process } from '../command.ts'
import type { OpenedApp } from '../open.ts'

/** Where a server is reached, and what it listens on. */
export interface Address {
  readonly publicUrl: string
  readonly bound: string
}

/** Tells whoever started the server where it is, and how the first administrator is made while there is none. */
export async function greet(
  process: Process,
  { database, app }: OpenedApp,
  { publicUrl, bound }: Address,
  count = 1,
): Promise<void> {
  const processes = count === 1 ? '' : `, ${count} processes`
  process.out(
    `Entrepot serves ${publicUrl} (listening on ${bound}, data in ${app.core.config.data}${processes})`,
  )
  if (await hasAdministrator(database.read)) return
  process.out(
    `There is no administrator yet. Make one within a day at ${await setupLink(database, publicUrl, Date.now())}`,
  )
}
