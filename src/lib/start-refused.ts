/**
 * The server cannot start as it is set up. The message is what a person reads, one line per thing that is wrong:
 * what, where, and what to do. Commands print it without a stack and exit with 1.
 */
export class StartRefused extends Error {
  override name = 'StartRefused'
}
