import { ServerResponse, type IncomingMessage } from 'node:http'

/** A response that tells when it is over, for less than what a listener for 'close' on each of them was measured to cost. */
export class WatchedResponse extends ServerResponse {
  over: ((res: ServerResponse) => void)[] | undefined

  override emit(event: string | symbol, ...rest: never[]): boolean {
    if (event === 'close' && this.over) {
      const { over } = this
      this.over = undefined
      for (const hear of over) hear(this)
    }
    return super.emit(event as 'close', ...(rest as []))
  }
}

/** Calls `hear` once the answer is sent or the connection gone. */
export function whenOver(
  res: ServerResponse<IncomingMessage>,
  hear: (res: ServerResponse<IncomingMessage>) => void,
): void {
  if (!(res instanceof WatchedResponse)) return void res.once('close', () => hear(res))
  if (res.over) res.over.push(hear)
  else res.over = [hear]
}
