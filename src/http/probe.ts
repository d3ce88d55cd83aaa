/**
 * Answers `entrepot doctor --url`: a request with a valid probe token, whatever its address, is answered with what of
 * it arrived here, and reaches nothing else. Without such a token the header means nothing.
 */
import { createHash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { isProbeToken, probeHeader } from '../core/access/probe-token.ts'
import type { Core } from '../core/core.ts'
import { jsonContent, type BytesContent } from './content.ts'
import { requestBody } from './request-body.ts'
import { send } from './send.ts'

/** What arrived. */
export interface Arrived {
  readonly probe: true
  readonly method: string
  /** Undecoded. */
  readonly target: string
  readonly host: string | undefined
  /** As the proxy says it. */
  readonly protocol: string | undefined
  /** The caller's port as it is here: the caller's own one where nothing stands in between. */
  readonly port: number | undefined
  /** Whether the proxy says who the caller is. */
  readonly tellsCaller: boolean
  readonly hasAuthorization: boolean
  /** The length of the header `x-entrepot-filler`. */
  readonly filler: number
  readonly body: {
    readonly framing: 'none' | 'length' | 'chunked'
    readonly bytes: number
    readonly sha256: string
    /** From the headers to the last byte, in milliseconds. */
    readonly tookMs: number
  }
}

/** The request header that asks for another answer: `text`, or `slow` (two pieces, with `slowMs` between them). */
export const probeWishHeader = 'x-entrepot-wish'
export const fillerHeader = 'x-entrepot-filler'
export const slowMs = 600
export const largestProbe = 128 * 1024 * 1024
/** Compressible, and what proxies like to compress. */
export const probeText = JSON.stringify({ text: 'what a proxy must not alter '.repeat(2000) })

/** False: the request is no probe, and was not touched. */
export async function answerProbe(
  core: Core,
  req: IncomingMessage,
  res: ServerResponse,
  sendContinue: () => void,
): Promise<boolean> {
  const token = req.headers[probeHeader]
  if (typeof token !== 'string' || !isProbeToken(core.secretKey, token, core.clock())) return false
  const arrived = await whatArrived(req, sendContinue)
  const headers = { 'cache-control': 'no-store' }
  const wish = req.headers[probeWishHeader]
  if (wish === 'slow') await answerSlowly(res)
  else await send(req, res, 200, headers, wish === 'text' ? text() : jsonContent(arrived))
  return true
}

async function whatArrived(req: IncomingMessage, sendContinue: () => void): Promise<Arrived> {
  const { headers } = req
  const target = req.url ?? ''
  const began = performance.now()
  const hash = createHash('sha256')
  let bytes = 0
  for await (const chunk of requestBody(req, { limit: largestProbe, sendContinue })) {
    hash.update(chunk as Uint8Array)
    bytes += (chunk as Uint8Array).length
  }
  return {
    probe: true,
    method: req.method ?? '',
    target,
    host: headers.host,
    protocol: first(headers['x-forwarded-proto']),
    port: req.socket.remotePort,
    tellsCaller: headers['x-forwarded-for'] !== undefined,
    hasAuthorization: headers.authorization !== undefined,
    filler: first(headers[fillerHeader])?.length ?? 0,
    body: {
      framing: headers['transfer-encoding'] ? 'chunked' : headers['content-length'] ? 'length' : 'none',
      bytes,
      sha256: hash.digest('hex'),
      tookMs: Math.round(performance.now() - began),
    },
  }
}

const first = (value: string | string[] | undefined) => (Array.isArray(value) ? value[0] : value)

function text(): BytesContent {
  return { kind: 'bytes', contentType: 'application/json', body: Buffer.from(probeText), etag: 'probe' }
}

async function answerSlowly(res: ServerResponse): Promise<void> {
  const half = 100_000
  res.writeHead(200, {
    'content-type': 'application/octet-stream',
    'content-length': 2 * half,
    'cache-control': 'no-store',
  })
  res.write(Buffer.alloc(half, 1))
  await sleep(slowMs)
  res.end(Buffer.alloc(half, 2))
}
