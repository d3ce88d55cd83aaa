/** The OpenPGP keys that sign the indexes of groups, projects and the instance: the same routes at three places. */
import { z } from 'zod'
import { addSigningKey, endSigningKey } from '../core/indexes/manage-keys.ts'
import { placeOf } from '../core/owners/place-of.ts'
import { signingKeyRows } from '../core/records/signing-keys.ts'
import type { SigningKeyRow } from '../database/schema.ts'
import { longestKey } from '../lib/openpgp.ts'
import { noun } from './noun.ts'
import { formatId, knownFormat, time, timeOf, timeOrNull } from './parameters.ts'
import { placePath, places, placeWords, reachPlace, type Where } from './reach-place.ts'
import type { Route } from './route.ts'
import { badParameter } from './validation.ts'

const signingKey = z
  .strictObject({
    id: z.int(),
    format: z.string(),
    group_id: z.int().optional(),
    project_id: z.int().optional().describe('without both: of the instance'),
    fingerprint: z.string().describe('upper-case hexadecimal'),
    source: z.enum(['generated', 'imported']),
    created_at: time,
    retired_at: time.nullable().describe('null: it signs'),
    public_key: z.string().describe('armored; the private key is never shown'),
  })
  .meta({ id: 'SigningKey' })

const signingKeyJson = (row: SigningKeyRow): z.input<typeof signingKey> => ({
  id: row.id,
  format: row.format,
  ...(row.group_id === null ? {} : { group_id: row.group_id }),
  ...(row.project_id === null ? {} : { project_id: row.project_id }),
  fingerprint: row.fingerprint,
  source: row.source,
  created_at: timeOf(row.created_at),
  retired_at: timeOrNull(row.retired_at),
  public_key: row.public_key,
})

const wish = {
  format: formatId,
  private_key: z.string().min(1).max(longestKey).nullish().describe('armored; left out: a key is made'),
  passphrase: z.string().max(1024).nullish().describe('of the private key, where it has one'),
}

function routesOf(where: Where): Route[] {
  const { list, create, remove } = noun({
    tag: 'Signing keys',
    path: placePath(where, 'signing_keys'),
    number: 'key_id',
    item: signingKey,
    reach: (call, how) => reachPlace(call, where, how),
  })
  return [
    list({
      summary: `The keys that sign the indexes of ${placeWords[where]}, retired ones too, the oldest first`,
      query: { format: formatId.optional() },
      rows(call, owner) {
        const { format } = call.query
        const some = format === undefined ? {} : { format: knownFormat(call, 'format', format) }
        return signingKeyRows(call.core.database.read, { place: placeOf(owner), ...some })
      },
      json: signingKeyJson,
    }),
    create({
      summary: `Let a further key sign the indexes of ${placeWords[where]}`,
      body: wish,
      async run(call, owner) {
        const { format, private_key: key, passphrase } = call.body
        if (!key && passphrase) throw badParameter('passphrase is that of a private_key, which is missing')
        const imported = { privateKey: key ?? undefined, passphrase: passphrase ?? undefined }
        return signingKeyJson(await addSigningKey(call, owner, format, imported))
      },
    }),
    remove({ summary: `Retire a key of ${placeWords[where]}: it signs no more`, run: endSigningKey }),
  ]
}

export const signingKeyRoutes = places.flatMap(routesOf)
