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

/** A generic file of `size` random bytes. */
export function genericFile(version: string, size: number): Attempt {
  const bytes = randomBytes(size)
  const path = `${project}/generic/blob/${version}/file.bin`
  return {
    upload: { method: 'PUT', path, body: bytes },
    deletion: { method: 'DELETE', path },
    file: path,
    sha256: digest('sha256', bytes),
  }
}

/** An npm package of its own name, whose tarball has `size` random bytes. */
export function npmPackage(name: string, size: number): Attempt {
  const tarball = randomBytes(size)
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

/** One client of the server under test. */
export interface Client {
  /** The status, or undefined where the connection broke before an answer came. `armed`: the server may kill itself. */
  send(request: Request, armed?: boolean): Promise<number | undefined>
  /** Deletes what an attempt published. */
  remove(attempt: Attempt, armed?: boolean): Promise<number | undefined>
  /** Whether the whole of it is there, or nothing of it; throws if half of it can be seen. */
  look(attempt: Attempt): Promise<'there' | 'gone'>
}

export function createClient(url: string, token: string): Client {
  const call = (method: string, path: string, body?: Uint8Array | string, armed = false) =>
    fetch(new URL(path, url), {
      method,
      headers: { 'private-token': token, ...(armed ? { 'x-fault': 'armed' } : {}) },
      ...(body === undefined ? {} : { body: body as string }),
    })
  const send: Client['send'] = async ({ method, path, body }, armed) => {
    try {
      const reply = await call(method, path, body, armed)
      await reply.bytes()
      return reply.status
    } catch {
      return undefined
    }
  }
  return {
    send,
    async remove({ deletion, document }, armed) {
      if (!document) return send(deletion, armed)
      const { _rev } = (await (await call('GET', document.path)).json()) as { _rev: string }
      return send({ ...deletion, path: deletion.path + _rev }, armed)
    },
    async look({ file, sha256, document }) {
      const reply = await call('GET', file)
      const bytes = await reply.bytes()
      const isThere = reply.status === 200
      if (!isThere && reply.status !== 404) throw new Error(`GET ${file}: ${reply.status}`)
      if (isThere && digest('sha256', bytes) !== sha256) throw new Error(`${file} has other bytes`)
      if (!document) return isThere ? 'there' : 'gone'
      const packument = await call('GET', document.path)
      const isListed = (await packument.text()).includes(`"${document.version}"`) && packument.status === 200
      if (isListed !== isThere) throw new Error(`${file} is half there: listed ${isListed}, file ${isThere}`)
      return isThere ? 'there' : 'gone'
    },
  }
}
