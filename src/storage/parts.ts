const firstBytes = 64 * 1024

/**
 * Gathers `body` into parts of exactly `partBytes`; only the last one is smaller, and left out where it would be
 * empty. Chunks are copied, so that a chunk of one byte holds no whole socket buffer in memory.
 *
 * Whoever needs a part no more may leave it in `spare`, to be filled again: memory that waits for the collector of
 * garbage would be many times what is under way.
 */
export async function* inParts(
  body: AsyncIterable<Uint8Array>,
  partBytes: number,
  spare: Buffer[] = [],
): AsyncGenerator<Buffer, void> {
  let part: Buffer = Buffer.allocUnsafeSlow(Math.min(firstBytes, partBytes))
  let filled = 0
  for await (const chunk of body) {
    let taken = 0
    while (taken < chunk.length) {
      const count = Math.min(chunk.length - taken, partBytes - filled)
      if (filled + count > part.length) part = grown(part, filled, Math.min(partBytes, 2 * (filled + count)))
      part.set(chunk.subarray(taken, taken + count), filled)
      filled += count
      taken += count
      if (filled < partBytes) continue
      yield part
      // Whoever took it may still be sending it.
      part = spare.pop() ?? Buffer.allocUnsafeSlow(partBytes)
      filled = 0
    }
  }
  if (filled > 0) yield part.subarray(0, filled)
}

function grown(part: Buffer, filled: number, size: number): Buffer {
  const larger = Buffer.allocUnsafeSlow(size)
  part.copy(larger, 0, 0, filled)
  return larger
}
