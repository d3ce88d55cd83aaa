/** What lies in a data directory whose server is down. */
import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/** Throws unless records and bytes agree: nothing half-written, no bytes without a row, no row without its bytes. */
export function assertNothingLeft(data: string): void {
  const database = new DatabaseSync(join(data, 'entrepot.db'), { readOnly: true })
  try {
    const { integrity_check } = database.prepare('pragma integrity_check').get() as {
      integrity_check: string
    }
    assert.equal(integrity_check, 'ok')
    assert.deepEqual(database.prepare('select error from jobs where error is not null').all(), [])
    const rows = database.prepare('select storage_key from blobs order by 1').all()
    assert.deepEqual(
      storedKeys(data),
      rows.map((row) => row['storage_key']),
    )
  } finally {
    database.close()
  }
  assert.deepEqual(readdirSync(join(data, 'packages', 'incoming')), [])
}

function storedKeys(data: string): string[] {
  const root = join(data, 'packages', 'blobs')
  const entries = readdirSync(root, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .toSorted()
}
