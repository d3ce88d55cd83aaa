import { initial } from './0001-initial.ts'
import { eventOrder } from './0002-event-order.ts'
import type { Migration } from './migration.ts'

/** All steps, in order; a released one never changes. */
export const migrations: Readonly<Record<string, Migration>> = {
  '0001-initial': initial,
  '0002-event-order': eventOrder,
}
