import type { UpstreamRequest } from '../../formats/format.ts'

/** Names what is asked of an upstream: what is kept under one is an answer to the same question. */
export const keyOf = ({ path, accept = '*/*' }: UpstreamRequest) => `${path} ${accept}`
