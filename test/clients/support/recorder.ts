import { createServer, request, type RequestListener } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Certificate } from '../../certificate.ts'

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

/** Speaks TLS where it has a certificate. */
export async function startRecorder(certificate?: Certificate): Promise<Recorder> {
  const asked: string[] = []
  let target = ''
  const pass: RequestListener = (req, res) => {
    asked.push(`${req.method} ${req.url}`)
    const options = { method: req.method, headers: req.headers }
    const passed = request(target + req.url, options, (answer) => {
      res.writeHead(answer.statusCode!, answer.headers)
      answer.pipe(res)
    })
    passed.on('error', () => res.destroy())
    req.pipe(passed)
  }
  const server = certificate ? createTlsServer(certificate, pass) : createServer(pass)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `${certificate ? 'https' : 'http'}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    passTo: (url) => void (target = url),
    forget: () => void (asked.length = 0),
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
