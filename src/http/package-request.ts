import type { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import type { Request } from '../formats/format.ts'
import type { PackageAddress } from './package-address.ts'
import type { Target } from './paths.ts'
import { requestBody, type BodyLimits } from './request-body.ts'

/** A request as formats see it. What few of them ask for is made when asked for. */
export class PackageRequest implements Request {
  readonly method: string
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly #req: IncomingMessage
  readonly #target: Target
  readonly #address: PackageAddress
  readonly #bodyLimits: () => BodyLimits
  #query: URLSearchParams | undefined
  #body: Readable | undefined

  constructor(req: IncomingMessage, target: Target, address: PackageAddress, bodyLimits: () => BodyLimits) {
    this.method = req.method ?? 'GET'
    this.headers = req.headers as Readonly<Record<string, string | undefined>>
    this.#req = req
    this.#target = target
    this.#address = address
    this.#bodyLimits = bodyLimits
  }

  get path(): string {
    return `/${this.#address.rest.join('/')}`
  }

  /** A copy: the target may be shared with other requests of the same address. */
  get query(): URLSearchParams {
    this.#query ??= new URLSearchParams(this.#target.query)
    return this.#query
  }

  get body(): Readable {
    this.#body ??= requestBody(this.#req, this.#bodyLimits())
    return this.#body
  }
}
