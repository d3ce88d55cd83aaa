/** CRC-64 of ECMA-182 with reflected bits, as xz files carry it. */

/** The halves of the reflected polynomial. */
const [polynomialLow, polynomialHigh] = [0xd7870f42, 0xc96c5795]
const low = new Uint32Array(256)
const high = new Uint32Array(256)
for (let byte = 0; byte < 256; byte++) {
  let [lower, upper] = [byte, 0]
  for (let bit = 0; bit < 8; bit++) {
    const isSet = (lower & 1) === 1
    lower = ((lower >>> 1) | (upper << 31)) >>> 0
    upper >>>= 1
    if (!isSet) continue
    lower = (lower ^ polynomialLow) >>> 0
    upper = (upper ^ polynomialHigh) >>> 0
  }
  low[byte] = lower
  high[byte] = upper
}

/** Takes bytes as they come. */
export class Crc64 {
  #low = 0xffffffff | 0
  #high = 0xffffffff | 0

  update(bytes: Uint8Array): void {
    let [lower, upper] = [this.#low, this.#high]
    for (let at = 0; at < bytes.length; at++) {
      const index = (lower ^ bytes[at]!) & 0xff
      lower = ((lower >>> 8) | (upper << 24)) ^ low[index]!
      upper = (upper >>> 8) ^ high[index]!
    }
    this.#low = lower
    this.#high = upper
  }

  /** Eight bytes, the lowest first. */
  digest(): Buffer {
    const bytes = Buffer.alloc(8)
    bytes.writeInt32LE(~this.#low, 0)
    bytes.writeInt32LE(~this.#high, 4)
    return bytes
  }
}
