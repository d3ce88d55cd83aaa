/** What xz files carry behind each block, to tell whether it was unpacked right. */
import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { Crc64 } from './crc64.ts'

export interface XzCheck {
  update(bytes: Uint8Array): void
  digest(): Buffer
}

class Crc32 implements XzCheck {
  #value = 0
  update(bytes: Uint8Array): void {
    this.#value = crc32(bytes, this.#value)
  }
  digest(): Buffer {
    const bytes = Buffer.alloc(4)
    bytes.writeUInt32LE(this.#value)
    return bytes
  }
}

const none: XzCheck = { update: () => undefined, digest: () => Buffer.alloc(0) }

/** By their number in the stream's flags. */
const checks: Readonly<Record<number, () => XzCheck>> = {
  0: () => none,
  1: () => new Crc32(),
  4: () => new Crc64(),
  10: () => createHash('sha256'),
}

/** What makes checks of this kind; undefined for one that is not known. */
export const xzCheck = (kind: number): (() => XzCheck) | undefined => checks[kind]
