/** Stylesheet, script and logo: their addresses hold a hash of their content, so that they are cached for ever. */
import { hash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { gzipSync } from 'node:zlib'
import type { BytesContent } from '../http/content.ts'

/** The stylesheet's parts, in their order; they are sent as one. */
const style = ['base', 'frame', 'surfaces', 'lists', 'code', 'forms', 'narrow-screens']

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
    const body = await (name === 'style.css' ? readStyle() : readAsset(name))
    const etag = hash('sha256', body).slice(0, 12)
    const fileName = name.replace('.', `.${etag}.`)
    addresses.set(name, `/assets/${fileName}`)
    contents.set(fileName, { kind: 'bytes', contentType, body, gzip: gzipSync(body), etag })
  }
  return { address: (name) => addresses.get(name)!, find: (fileName) => contents.get(fileName) }
}

const readAsset = (path: string) => readFile(new URL(`assets/${path}`, import.meta.url))

const readStyle = async () =>
  Buffer.concat(await Promise.all(style.map((part) => readAsset(`style/${part}.css`))))
