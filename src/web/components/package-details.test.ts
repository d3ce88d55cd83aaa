import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { Description } from '../../formats/format.ts'
import type { PackageRecord } from '../package-record.ts'
import type { Visit } from '../visit.ts'
import { dependencyList, factList, readme } from './package-details.ts'

const visit = { core: { clock: () => 5_000 } } as unknown as Visit

const facts = async (description: Partial<Description>) =>
  String(
    await factList(visit, {
      description: { name: 'x', version: '1', ...description },
      row: { created_at: 1_000 },
      publisher: 'ada',
      downloads: 12,
      files: [{ blob: { size: 1_500_000 } }],
    } as unknown as PackageRecord),
  )

it('links only to addresses that open a page or a letter', async () => {
  const text = await facts({
    links: {
      homepage: 'https://example.test/a?b="c"',
      mail: 'mailto:ada@example.test',
      script: 'javascript:alert(1)',
      spaced: ' javascript:alert(1)',
      data: 'data:text/html,x',
      file: 'file:///etc/passwd',
      relative: '/tokens',
    },
  })
  const addresses = [...text.matchAll(/href="([^"]*)"/g)].map(([, address]) => address)
  assert.deepEqual(addresses, ['https://example.test/a?b=&quot;c&quot;', 'mailto:ada@example.test'])
})

it('tells what the format knows, and itself who published', async () => {
  const text = await facts({
    license: 'MIT',
    facts: [
      { label: 'Published by', value: 'somebody else' },
      { label: 'Node', value: '>=20' },
    ],
    keywords: ['<b>'],
  })
  assert.match(text, /MIT/)
  assert.match(text, /1\.5 MB/)
  assert.match(text, /&gt;=20/)
  assert.match(text, /ada/)
  assert.doesNotMatch(text, /somebody else|<b>/)
})

it('shows a readme as text, and not without end', async () => {
  const text = String(await readme(`<img src=x onerror=alert(1)>${'x'.repeat(300_000)}`))
  assert.doesNotMatch(text, /<img/)
  assert.ok(text.length < 201_000)
  const many = Array.from({ length: 900 }, (_, i) => ({ name: `d${i}`, range: '^1', group: 'run' }))
  const list = String(await dependencyList(many))
  assert.equal(list.match(/<li>/g)!.length, 500)
  assert.match(list, /and 400 more/)
})
