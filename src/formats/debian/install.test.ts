import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Links } from '../format.ts'
import { install } from './install.ts'

const at = 'https://packages.example/api/v4/projects/acme%2Fapp/packages/debian'
const links = {
  to: (path: string, query?: Record<string, string>) =>
    `${at}${path}${query ? `?${new URLSearchParams(query)}` : ''}`,
} as unknown as Links
const textOf = (snippets: ReturnType<typeof install>, title: RegExp) =>
  snippets.find((one) => title.test(one.title))?.text

test('a project says how to install from it and to publish to it, a group how to install', () => {
  const snippets = install({ links, level: 'project' })
  assert.match(textOf(snippets, /key/)!, /"https:\S+\/dists\/SUITE\/key\.asc" \| sudo tee (\S+) /)
  assert.match(textOf(snippets, /\.sources$/)!, new RegExp(`^URIs: ${at}$`, 'm'))
  assert.match(textOf(snippets, /auth\.conf/)!, new RegExp(`^machine ${at}/$`, 'm'))
  assert.match(textOf(snippets, /Publish/)!, /FILE\.deb\?distribution=SUITE&component=main"$/)
  const group = install({ links, level: 'group' })
  assert.deepEqual([textOf(group, /Publish/), textOf(group, /dput/)], [undefined, undefined])
})

test('percent signs are doubled for dput, which reads them as references', () => {
  const text = textOf(install({ links, level: 'project' }), /dput/)!
  assert.match(text, /^incoming = \/api\/v4\/projects\/acme%%2Fapp\/packages\/debian$/m)
  assert.match(text, /^method = https\nfqdn = packages\.example$/m)
})

test('the page of a package installs its version', () => {
  const [first] = install({ links, level: 'group', package: { name: 'hello', version: '1:2~b', tags: [] } })
  assert.equal(first!.text, 'sudo apt update && sudo apt install hello=1:2~b')
})
