/** Where a server under test kills or stops itself, shared by that process and the tests that start it. */

/**
 * Moments of a request or job, at the seams between the app and what it is made of.
 * `body`: so many bytes of an upload were taken over by storage. `written`: bytes and their directory are synced.
 * `before-transaction`, `in-transaction` (all statements done, not committed), `committed`. `before-keep`, `kept`: the
 * mark of a leftover goes. `before-delete`, `deleted`: stored bytes go.
 */
export type Moment =
  | 'body'
  | 'written'
  | 'before-transaction'
  | 'in-transaction'
  | 'committed'
  | 'before-keep'
  | 'kept'
  | 'before-delete'
  | 'deleted'

export interface Fault {
  readonly moment: Moment
  /** The how-manieth such moment it is, from 1 on; for `body` the number of bytes. */
  readonly at: number
  /** Armed from the first line on; else only by a request with the header `x-fault: armed`. */
  readonly fromStart?: boolean
  /** Default SIGKILL; after SIGSTOP it goes on when it is told to, and the fault was the only one. */
  readonly signal?: 'SIGKILL' | 'SIGSTOP'
}

/** What the server under test is told, as JSON in its environment. */
export interface Orders {
  readonly fault?: Fault
  /** Objects to leave behind in storage before the app is made, as an interrupted run would. */
  readonly leftovers?: number
  /** How far the clock is ahead when it starts, in milliseconds. */
  readonly clockAhead?: number
  /** Collects all the time, beside its worker. */
  readonly collectsOften?: boolean
}

/** The variable that holds the orders. */
export const ordersVariable = 'TEST_ORDERS'
/** A request there puts the clock forward by `jobsAhead` and runs all jobs that are due then. */
export const jobsPath = '/-/run-jobs'
/** Longer than removed packages can be restored, in milliseconds. */
export const jobsAhead = 8 * 86_400_000

/** Printed by the server under test once it listens, as one line of JSON. */
export interface Ready {
  readonly url: string
  readonly pid: number
  /** The administrator's; empty but at the first start with new data. */
  readonly token: string
}
