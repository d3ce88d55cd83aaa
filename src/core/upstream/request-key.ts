import type { UpstreamRequest } from '../../formats/format.ts'

/** A document that is asked for. Two documents may be read from one address, each in its own way. */
export interface Question extends UpstreamRequest {
  /** Of the document. */
  readonly rule: string
}

/** Names a question: what is kept under one is an answer to the same. */
export const keyOf = ({ rule, path, accept = '*/*' }: Question) => `${rule} ${path} ${accept}`
