/** Sends an answer: the only place that writes package responses to a socket. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { prepareAnswer, redirected, type Answer } from './answer.ts'
import type { ByteRange, Content } from './content.ts'
import type { Source } from './representation.ts'
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
  const prepared = prepareAnswer(req, status, headers, content)
  if (content.kind === 'blob' && prepared.body && !prepared.body.range?.start) content.taken?.()
  const answer = await redirectedToLink(req, prepared, content)
  answer.headers['x-request-id'] = requestId(req)
  const closes = status === 408 || leavesBodyUnread(req)
  if (closes) answer.headers.connection = 'close'
  const finish = closes ? finishLater : finishNow
  await writeBody(req, res, answer, options.stallMs ?? defaultStallMs, finish)
}

async function redirectedToLink(req: IncomingMessage, answer: Answer, content: Content): Promise<Answer> {
  const { method } = req
  const isRead = method === 'GET' || method === 'HEAD'
  if (content.kind !== 'blob' || !content.link || !isRead) return answer
  if (answer.status !== 200 && answer.status !== 206) return answer
  const location = await content.link(method)
  return location === undefined ? answer : redirected(answer, location)
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
    await streamSource(res, body.source, body, begin)
    return isGone(res) ? undefined : finish(req, res)
  }
  const all = body.source.bytes()
  const part = body.range ? all.subarray(body.range.start, body.range.end + 1) : all
  if (part.length !== body.length) throw new Error(`${part.length} bytes where ${body.length} were announced`)
  begin()
  return finish(req, res, part)
}

/** Streams from where the bytes are, or from where they were moved meanwhile. */
async function streamSource(
  res: ServerResponse,
  { open, elsewhere }: Extract<Source, { open: unknown }>,
  { range, length }: { readonly range?: ByteRange; readonly length: number },
  begin: () => void,
): Promise<void> {
  try {
    await streamOut(res, open(range), length, begin)
  } catch (error) {
    const openThere = res.headersSent ? undefined : await elsewhere?.(error)
    if (!openThere) throw error
    await streamOut(res, openThere(range), length, begin)
  }
}
