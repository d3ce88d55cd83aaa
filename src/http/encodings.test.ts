import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chooseEncoding } from './encodings.ts'

test('gzip is chosen where the client takes it at least as gladly as plain bytes', () => {
  const gzip = [
    'gzip',
    'gzip, deflate, br',
    'br;q=1.0, gzip;q=0.8',
    '*',
    'x-gzip',
    'GZIP',
    'gzip;q=0.001',
    ' gzip ; q=1 ',
  ]
  for (const header of gzip) assert.equal(chooseEncoding(header), 'gzip', header)
  const plain = [
    undefined,
    '',
    'identity',
    'gzip;q=0',
    'br',
    '*;q=0',
    'gzip;q=0.5, identity',
    'gzip;q=x',
    'gzip;q=0, *',
    'gzipped',
  ]
  for (const header of plain) assert.equal(chooseEncoding(header), 'identity', header)
  assert.equal(chooseEncoding('identity;q=0.5, gzip;q=0.5'), 'gzip')
  assert.equal(chooseEncoding('identity;q=0, *;q=1'), 'gzip')
})
