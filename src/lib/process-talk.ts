/** Questions and answers between a process and its child, over the channel that Node gives both. */
/** The other end: `process` in the child, the child's handle in its parent. */
export interface Channel {
  readonly connected?: boolean
  send(message: never, done: (error: Error | null) => void): unknown
  on(event: 'message', heard: (message: unknown) => void): unknown
  once(event: 'disconnect', gone: () => void): unknown
}

/** What one side answers, by question. */
export type Answers = Readonly<Record<string, (detail: never) => Promise<unknown>>>

export interface Talk {
  /** Rejects when the other side answers with an error, goes away, or says nothing for `patienceMs`. */
  ask<T>(question: string, detail?: unknown, patienceMs?: number): Promise<T>
}

interface Question {
  readonly ask: string
  readonly id: number
  readonly detail: unknown
}
type Message =
  | Question
  | { readonly answer: unknown; readonly id: number }
  | { readonly error: string; readonly id: number }

/** Begins to answer, and to ask. Messages that are none of ours are left alone. */
export function talkOver(channel: Channel, answers: Answers): Talk {
  const open = new Map<number, PromiseWithResolvers<unknown>>()
  let last = 0
  const send = (message: Message) => channel.send(message as never, () => {})
  channel.on('message', (message) => {
    if (!isMessage(message)) return
    if ('ask' in message) return void answer(answers, message, send)
    const asked = open.get(message.id)
    if ('error' in message) asked?.reject(new Error(message.error))
    else asked?.resolve(message.answer)
  })
  channel.once('disconnect', () => {
    for (const { reject } of open.values()) reject(new Error('the other process has gone'))
  })
  return {
    async ask<T>(question: string, detail?: unknown, patienceMs?: number): Promise<T> {
      const id = ++last
      const asked = Promise.withResolvers<unknown>()
      const late = () => asked.reject(new Error(`no answer to ${question} within ${patienceMs} ms`))
      const timer = patienceMs === undefined ? undefined : setTimeout(late, patienceMs)
      open.set(id, asked)
      if (channel.connected === false) asked.reject(new Error('the other process has gone'))
      else send({ ask: question, id, detail })
      try {
        return (await asked.promise) as T
      } finally {
        clearTimeout(timer)
        open.delete(id)
      }
    },
  }
}

async function answer(
  answers: Answers,
  { ask, id, detail }: Question,
  send: (message: Message) => void,
): Promise<void> {
  try {
    const known = Object.hasOwn(answers, ask) ? answers[ask] : undefined
    if (!known) throw new Error(`nobody answers ${ask}`)
    send({ answer: await known(detail as never), id })
  } catch (error) {
    send({ error: error instanceof Error ? error.message : String(error), id })
  }
}

function isMessage(message: unknown): message is Message {
  return typeof message === 'object' && message !== null && 'id' in message
}
