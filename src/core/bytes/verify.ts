import { inParallel } from '../../lib/in-parallel.ts'
import type { Core } from '../core.ts'
import { clearCorrupt, markCorrupt } from '../records/blobs.ts'
import {
  saveVerifyState,
  toVerify,
  verifyState,
  type Verifiable,
  type VerifyFilter,
  type VerifyState,
} from '../records/verification.ts'
import { checkStored } from './stored-bytes.ts'

export interface VerifyWish extends VerifyFilter {
  /** How much of it, from 0 to 1: chance decides which. */
  readonly sample: number
  /** Not where an interrupted one stopped. */
  readonly fromStart: boolean
  /** Called now and then, at first with where it begins. */
  readonly onProgress: (state: VerifyState) => void
}

const besideAll = { beside: ['verify'] } as const
const blobsAtOnce = 200
const readsAtOnce = 4
const nothing: VerifyState = { after: 0, checked: 0, bytes: 0, damaged: 0, repaired: 0 }

/**
 * Reads stored bytes again and compares them with their digests. What is damaged is marked, what was marked and is whole
 * is cleared. Goes on where one with the same wishes was interrupted. Throws if the store cannot be asked.
 */
export async function verifyStored(core: Core, wish: VerifyWish): Promise<VerifyState> {
  const { read } = core.database
  const { sample } = wish
  let state = (wish.fromStart ? undefined : await verifyState(read, wish, sample)) ?? nothing
  wish.onProgress(state)
  for (;;) {
    const blobs = await toVerify(read, wish, state.after, blobsAtOnce)
    if (blobs.length === 0) break
    state = await verifyBatch(core, wish, state, blobs)
    wish.onProgress(state)
  }
  await core.database.write((db) => saveVerifyState(db, wish, sample, undefined), besideAll)
  return state
}

async function verifyBatch(
  core: Core,
  wish: VerifyWish,
  before: VerifyState,
  blobs: readonly Verifiable[],
): Promise<VerifyState> {
  const checked = blobs.filter(() => Math.random() < wish.sample)
  const damaged: string[] = []
  const repaired: string[] = []
  await inParallel(checked, readsAtOnce, async (blob) => {
    if ((await checkStored(core.blobs, blob)) !== 'whole') damaged.push(blob.storage_key)
    else if (blob.corrupt_at !== null) repaired.push(blob.storage_key)
  })
  return core.database.write(async (db) => {
    const stillThere = await markCorrupt(db, damaged, core.clock())
    await clearCorrupt(db, repaired)
    const state = {
      after: blobs.at(-1)!.id,
      checked: before.checked + checked.length,
      bytes: before.bytes + checked.reduce((sum, { size }) => sum + size, 0),
      damaged: before.damaged + stillThere,
      repaired: before.repaired + repaired.length,
    }
    await saveVerifyState(db, wish, wish.sample, state)
    return state
  }, besideAll)
}
