/** The OpenPGP keys that sign the indexes of groups, projects and the instance: the same routes at three places. */
import { z } from 'zod'
import { addSigningKey, endSigningKey } from '../core/indexes/manage-keys.ts'
import { placeOf } from '../core/owners/place-of.ts'
import { mapPage, readPage } from '../core/records/pages.ts'
import { signingKeyRows } from '../core/records/signing-keys.ts'
import type { SigningKeyRow } from '../database/schema.ts'
import { longestKey } from '../lib/openpgp.ts'
import { formatId, knownFormat, numberId, time, timeOf, timeOrNull } from './parameters.ts'
import { placeParams, placePath, places, placeWords, reachPlace, type Where } from './reach-place.ts'
import { listRoute, route, type Route } from './route.ts'
import { badParameter } from './validation.ts'

const tag = 'Signing keys'

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

const pathOf = (where: Where) => placePath(where, 'signing_keys')

const keyRoutes = (where: Where): Route[] => [
  listRoute({
    method: 'GET',
    path: pathOf(where),
    summary: `The keys that sign the indexes of ${placeWords[where]}, retired ones too, the oldest first`,
    tag,
    needs: 'read',
    params: placeParams(where),
    query: { format: formatId.optional() },
    item: signingKey,
    async run(call, window) {
      const place = placeOf(await reachPlace(call, where, 'read'))
      const { format } = call.query
      const some = format === undefined ? { place } : { place, format: knownFormat(call, 'format', format) }
      const db = call.core.database.read
      return mapPage(await readPage(db, signingKeyRows(db, some), window), signingKeyJson)
    },
  }),
  route({
    method: 'POST',
    path: pathOf(where),
    summary: `Let a further key sign the indexes of ${placeWords[where]}`,
    tag,
    needs: 'write',
    params: placeParams(where),
    body: wish,
    response: signingKey,
    async run(call) {
      const owner = await reachPlace(call, where, 'admin')
      const { format, private_key: key, passphrase } = call.body
      if (!key && passphrase) throw badParameter('passphrase is that of a private_key, which is missing')
      const imported = { privateKey: key ?? undefined, passphrase: passphrase ?? undefined }
      return signingKeyJson(await addSigningKey(call, owner, format, imported))
    },
  }),
  route({
    method: 'DELETE',
    path: `${pathOf(where)}/:key_id`,
    summary: `Retire a key of ${placeWords[where]}: it signs no more`,
    tag,
    needs: 'write',
    params: { ...placeParams(where), key_id: numberId },
    run: async (call) => endSigningKey(call, await reachPlace(call, where, 'admin'), call.params.key_id),
  }),
]

export const signingKeyRoutes = places.flatMap(keyRoutes)
