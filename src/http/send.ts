/** Sends an answer: the only place that writes package responses to a socket. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { prepareAnswer, type Answer } from './answer.ts'
import type { Content } from './content.ts'
import { requestId } from './request-id.ts'
import { cutIfStalled, isGone, streamOut } from './stream-out.ts'
import { discardBody, leavesBodyUnread } from './unread-body.ts'

export interface SendOptions {
  /** How long a client may take nothing while bytes wait for it, in milliseconds. Default one minute. */
  readonly stallMs?: number
}

const defaultStallMs = 60_000
/** Up to this the kernel takes the body at once, whether the client reads or not. */
const inOneWrite = 64 * 1024

/**
 * Sends `content` with `status` and `headers` as the request asks for it: HEAD, Range, conditions, gzip or not, with
 * the headers that keep uploaded content from acting as a page. Resolves when all is handed over (or the client went).
 * Rejects if the content cannot be read: with `res.headersSent` false nothing was sent and an error may be, otherwise
 * the connection is already broken off. A request body that nobody read is dropped within limits, then the
 * connection closes.
 */
export async function send(
  req: IncomingMessage,
  res: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>>,
  content: Content,
  options: SendOptions = {},
): Promise<void> {
  if (isGone(res)) return
  const answer = prepareAnswer(req, status, headers, content)
  answer.headers['x-request-id'] = requestId(req)
  const closes = status === 408 || leavesBodyUnread(req)
  if (closes) answer.headers.connection = 'close'
  const finish = closes ? finishLater : finishNow
  await writeBody(req, res, answer, options.stallMs ?? defaultStallMs, finish)
}

type Finish = (req: IncomingMessage, res: ServerResponse, last?: Uint8Array) => void | Promise<void>

const finishNow: Finish = (_req, res, last) => void res.end(last)

const finishLater: Finish = async (req, res, last) => {
  if (last) res.write(last)
  else res.flushHeaders()
  await discardBody(req)
  res.end()
}

async function writeBody(
  req: IncomingMessage,
  res: ServerResponse,
  answer: Answer,
  stallMs: number,
  finish: Finish,
) {
  const { body } = answer
  const begin = () => void res.writeHead(answer.status, answer.headers)
  if (!body) {
    begin()
    return finish(req, res)
  }
  if (body.length > inOneWrite) cutIfStalled(res, stallMs)
  if (body.source.open) {
    await streamOut(res, body.source.open(body.range), body.length, begin)
    return isGone(res) ? undefined : finish(req, res)
  }
  const all = body.source.bytes()
  const part = body.range ? all.subarray(body.range.start, body.range.end + 1) : all
  if (part.length !== body.length) throw new Error(`${part.length} bytes where ${body.length} were announced`)
  begin()
  return finish(req, res, part)
}
