/** Stylesheet, script and logo: their addresses hold a hash of their content, so that they are cached for ever. */
import { hash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { gzipSync } from 'node:zlib'
import type { BytesContent } from '../http/content.ts'

const files = {
  'style.css': 'text/css; charset=utf-8',
  'copy.js': 'text/javascript; charset=utf-8',
  'logo.svg': 'image/svg+xml',
} as const
export type AssetName = keyof typeof files

export interface Assets {
  /** Path below the public URL: `/assets/style.0123456789ab.css`. */
  address(name: AssetName): string
  /** By the last segment of its address. */
  find(fileName: string): BytesContent | undefined
}

/** Reads them once. */
export async function loadAssets(): Promise<Assets> {
  const addresses = new Map<AssetName, string>()
  const contents = new Map<string, BytesContent>()
  for (const [name, contentType] of Object.entries(files) as [AssetName, string][]) {
    const body = await readFile(new URL(`assets/${name}`, import.meta.url))
    const etag = hash('sha256', body).slice(0, 12)
    const fileName = name.replace('.', `.${etag}.`)
    addresses.set(name, `/assets/${fileName}`)
    contents.set(fileName, { kind: 'bytes', contentType, body, gzip: gzipSync(body), etag })
  }
  return { address: (name) => addresses.get(name)!, find: (fileName) => contents.get(fileName) }
}
