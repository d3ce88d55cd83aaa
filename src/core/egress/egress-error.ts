/**
 * Why a request to another server gave no answer. `refused`: we do not connect there; `unavailable`: the server failed so
 * often, or asked us to wait, that it is left alone for a while, or too much is asked of it at once; `answer`: what came back
 * is no usable answer.
 */
export type EgressFailure = 'refused' | 'timeout' | 'network' | 'too_large' | 'answer' | 'unavailable'

/** Thrown by the egress client. The message names the server, and neither credentials nor addresses. */
export class EgressError extends Error {
  readonly failure: EgressFailure
  constructor(failure: EgressFailure, message: string, cause?: unknown) {
    super(message, cause === undefined ? {} : { cause })
    this.name = 'EgressError'
    this.failure = failure
  }
}
