/** Writes `maven-metadata.xml` (Repository Metadata 1.1.0) and the checksums beside it. */
import { createHash } from 'node:crypto'
import { inTurns } from '../../lib/turn.ts'
import { escapeXml } from '../../lib/xml.ts'
import type { DocumentPart } from '../format.ts'
import { checksumSuffixes } from './paths.ts'

/** A whole document of these elements. */
export function document(content: readonly string[]): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<metadata modelVersion="1.1.0">\n${content.map(indent).join('\n')}\n</metadata>\n`
}

/** Text, or elements on lines of their own; nothing where there is no content. */
export function element(
  name: string,
  content: string | undefined | readonly (string | undefined | false)[],
): string {
  if (content === undefined) return ''
  if (typeof content === 'string') return `<${name}>${escapeXml(content)}</${name}>`
  const lines = content.flatMap((each) => each || [])
  return [`<${name}>`, ...lines.map(indent), `</${name}>`].join('\n')
}

function indent(text: string): string {
  return text.replaceAll(/^/gm, '  ')
}

/** `yyyyMMddHHmmss`, UTC */
export function stamp(at: Date): string {
  return at.toISOString().replaceAll(/\D/g, '').slice(0, 14)
}

/** The part itself and one for each of its checksums. */
export async function withChecksums(part: string, pieces: readonly string[]): Promise<DocumentPart[]> {
  const hashes = checksumSuffixes.map((algorithm) => ({ algorithm, hash: createHash(algorithm) }))
  const update = (piece: string) => {
    for (const { hash } of hashes) hash.update(piece)
  }
  await inTurns(pieces, update, 4)
  const body = pieces.length === 1 ? pieces[0]! : pieces
  return [
    { path: part, contentType: 'application/xml', body },
    ...hashes.map(({ algorithm, hash }) => ({
      path: `${part}.${algorithm}`,
      contentType: 'text/plain',
      body: hash.digest('hex'),
    })),
  ]
}
