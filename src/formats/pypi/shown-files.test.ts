import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createLinks } from '../../core/registry/links.ts'
import type { NameView } from '../format.ts'
import { project } from './json-api.ts'
import type { PypiModels } from './models.ts'
import { sha256 } from './sample-archives.ts'
import { simple } from './simple.ts'

/** As many releases with as many wheels each. */
function bigName(releases: number, wheels: number): NameView<PypiModels> {
  const packages = Array.from({ length: releases }, (_, at) => ({
    id: at,
    name: 'big',
    version: `1.${at}`,
    metadata: { v: 1, metadata: {} },
    files: Array.from({ length: wheels }, (__, build) => ({
      path: `big/big-1.${at}-${build}-py3-none-any.whl`,
      size: 1,
      createdAt: new Date(),
      digests: { sha256: sha256('') },
      metadata: { v: 1, kind: 'wheel' },
    })),
  }))
  return { name: 'big', packages } as unknown as NameView<PypiModels>
}

test('while ten thousand files are listed, others get their turn', async () => {
  const links = createLinks('https://packages.example.com', '/pypi')
  for (const releases of [1, 200, 10_000])
    for (const { encode } of [simple, project]) {
      const name = bigName(releases, 10_000 / releases)
      let turns = 0
      const count = () => {
        turns++
        others = setImmediate(count)
      }
      let others = setImmediate(count)
      const parts = await encode(name, { links, changedAt: new Date() })
      clearImmediate(others)
      assert.ok(JSON.stringify(parts?.at(-1)?.body).split('big-1.').length > 10_000)
      assert.ok(turns >= 50, `${turns} turns for ${releases} releases`)
    }
})
