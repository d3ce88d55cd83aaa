/** What a snapshot says about itself: `manifest.json`, written last. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { StartRefused } from '../lib/start-refused.ts'

const sha256 = z.string().regex(/^[0-9a-f]{64}$/)
const count = z.number().int().nonnegative()

const schema = z.object({
  /** Of this file and the layout around it. */
  layout: z.literal(1),
  /** The version of Entrepot that made it. */
  entrepot: z.string(),
  engine: z.enum(['sqlite', 'postgres']),
  /** By the database's clock: what was committed before is in it, nothing later. */
  takenAt: z.iso.datetime(),
  finishedAt: z.iso.datetime(),
  /** Those the database had had, in order. */
  migrations: z.array(z.string()).min(1),
  tables: z.array(
    z.object({
      name: z.string().regex(/^[a-z_][a-z0-9_]*$/),
      columns: z.array(z.string()),
      rows: count,
      sha256,
      /** The highest id given so far. */
      lastId: count.optional(),
    }),
  ),
  blobs: z.object({ count, bytes: count }),
  /** Bytes that were missing or altered where they were stored: the backup is whole but for these. */
  damaged: z.array(z.object({ sha256, what: z.string() })),
  secretKey: z.object({ id: z.string().nullable(), note: z.string() }),
})

export type Manifest = z.output<typeof schema>
export type TableFile = Manifest['tables'][number]

export const secretKeyNote =
  'The secret key itself is not in this backup: keep it apart. Without it the secrets sealed under it are lost.'

/** The manifest of the snapshot in this folder. Throws `StartRefused` where there is none that can be used. */
export async function readManifest(folder: string): Promise<Manifest> {
  const path = join(folder, 'manifest.json')
  const text = await readFile(path, 'utf8').catch((error: Error) => {
    throw new StartRefused(`cannot read ${path}: ${error.message}; name the directory of a backup`)
  })
  const parsed = schema.safeParse(jsonIn(text))
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new StartRefused(
    `${path} is no manifest that this version reads (${issue!.path.join('.')}: ${issue!.message}); ` +
      `restore with the version that made it, or a newer one`,
  )
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
