import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Stands between clients and a server whose public URL is the recorder's, and notes what is asked for. */
export interface Recorder {
  readonly url: string
  /** `GET /path`, in the order in which they came. */
  readonly asked: readonly string[]
  /** To be called before anybody asks. */
  passTo(url: string): void
  forget(): void
  close(): Promise<void>
}

export async function startRecorder(): Promise<Recorder> {
  const asked: string[] = []
  let target = ''
  const server = createServer((req, res) => {
    asked.push(`${req.method} ${req.url}`)
    const options = { method: req.method, headers: req.headers }
    const passed = request(target + req.url, options, (answer) => {
      res.writeHead(answer.statusCode!, answer.headers)
      answer.pipe(res)
    })
    passed.on('error', () => res.destroy())
    req.pipe(passed)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    passTo: (url) => void (target = url),
    forget: () => void (asked.length = 0),
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
