/** What clients of the server under test try to publish and delete, and what they must find afterwards. */
import { createHash, randomBytes } from 'node:crypto'

/** Something one request publishes or deletes. */
export interface Attempt {
  readonly upload: Request
  readonly deletion: Request
  /** Where its file is downloaded. */
  readonly file: string
  readonly sha256: string
  /** A document that names `version` while it is published. */
  readonly document?: { readonly path: string; readonly version: string }
}
interface Request {
  readonly method: string
  readonly path: string
  readonly body?: Uint8Array | string
}

const project = '/api/v4/projects/acme%2Fapp/packages'
const digest = (algorithm: string, bytes: Uint8Array, encoding: 'hex' | 'base64' = 'hex') =>
  createHash(algorithm).update(bytes).digest(encoding)

/** A generic file of so many random bytes, or of these. */
export function genericFile(version: string, content: number | Uint8Array): Attempt {
  const bytes = bytesOf(content)
  const path = `${project}/generic/blob/${version}/file.bin`
  return {
    upload: { method: 'PUT', path, body: bytes },
    deletion: { method: 'DELETE', path },
    file: path,
    sha256: digest('sha256', bytes),
  }
}

/** An npm package of its own name, whose tarball has so many random bytes, or these. */
export function npmPackage(name: string, content: number | Uint8Array): Attempt {
  const tarball = Buffer.from(bytesOf(content))
  const version = '1.0.0'
  const dist = { shasum: digest('sha1', tarball), integrity: `sha512-${digest('sha512', tarball, 'base64')}` }
  const body = {
    name,
    'dist-tags': { latest: version },
    versions: { [version]: { name, version, dist } },
    _attachments: { [`${name}-${version}.tgz`]: { data: tarball.toString('base64') } },
  }
  return {
    upload: { method: 'PUT', path: `${project}/npm/${name}`, body: JSON.stringify(body) },
    deletion: { method: 'DELETE', path: `${project}/npm/${name}/-rev/` },
    file: `${project}/npm/${name}/-/${name}-${version}.tgz`,
    sha256: digest('sha256', tarball),
    document: { path: `${project}/npm/${name}`, version },
  }
}

const bytesOf = (content: number | Uint8Array) =>
  typeof content === 'number' ? randomBytes(content) : content

/** One client of the server under test. Whatever takes longer than its limit throws. */
export interface Client {
  /** The status, or undefined where the connection broke before an answer came. `armed`: the server may kill itself. */
  send(request: Request, armed?: boolean): Promise<number | undefined>
  /** Deletes what an attempt published. */
  remove(attempt: Attempt, armed?: boolean): Promise<number | undefined>
  /** The status of a download, or undefined where it broke off; throws if it was complete and had other bytes. */
  read(attempt: Attempt): Promise<number | undefined>
  /** Whether the whole of it is there, or nothing of it; throws if half of it can be seen. */
  look(attempt: Attempt): Promise<'there' | 'gone'>
}

/** `limitMs`: how long one request may take. */
export function createClient(url: string, token: string, limitMs = 300_000): Client {
  const call = async ({ method, path, body }: Request, armed = false) => {
    const reply = await fetch(new URL(path, url), {
      method,
      headers: { 'private-token': token, ...(armed ? { 'x-fault': 'armed' } : {}) },
      signal: AbortSignal.timeout(limitMs),
      ...(body === undefined ? {} : { body: body as string }),
    })
    return { status: reply.status, bytes: await reply.bytes() }
  }
  async function unlessBroken(request: Request, armed?: boolean) {
    try {
      return await call(request, armed)
    } catch (error) {
      if ((error as Error).name !== 'TimeoutError') return undefined
      throw new Error(`${request.method} ${request.path} took longer than ${limitMs} ms`, { cause: error })
    }
  }
  const get = (path: string): Request => ({ method: 'GET', path })
  const send: Client['send'] = async (request, armed) => (await unlessBroken(request, armed))?.status
  const checked = ({ file, sha256 }: Attempt, { status, bytes }: { status: number; bytes: Uint8Array }) => {
    if (status === 200 && digest('sha256', bytes) !== sha256) throw new Error(`${file} has other bytes`)
    return status
  }
  return {
    send,
    async remove({ deletion, document }, armed) {
      if (!document) return send(deletion, armed)
      const found = await unlessBroken(get(document.path))
      if (found?.status !== 200) return found?.status
      const { _rev } = JSON.parse(Buffer.from(found.bytes).toString()) as { _rev: string }
      return send({ ...deletion, path: deletion.path + _rev }, armed)
    },
    async read(attempt) {
      const found = await unlessBroken(get(attempt.file))
      return found && checked(attempt, found)
    },
    async look(attempt) {
      const { file, document } = attempt
      const status = checked(attempt, await call(get(file)))
      const isThere = status === 200
      if (!isThere && status !== 404) throw new Error(`GET ${file}: ${status}`)
      if (!document) return isThere ? 'there' : 'gone'
      const packument = await call(get(document.path))
      const names = Buffer.from(packument.bytes).includes(`"${document.version}"`)
      const isListed = names && packument.status === 200
      if (isListed !== isThere) throw new Error(`${file} is half there: listed ${isListed}, file ${isThere}`)
      return isThere ? 'there' : 'gone'
    },
  }
}
