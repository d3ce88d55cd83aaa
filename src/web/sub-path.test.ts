import assert from 'node:assert/strict'
import { it } from 'node:test'
import { createTestApp } from '../../test/app.ts'
import { createBrowser, signedIn } from './browser.testing.ts'

it('works behind a proxy under a sub-path, with https outside', async (t) => {
  const publicUrl = 'https://packages.test/registry'
  const app = await createTestApp({ env: { ENTREPOT_PUBLIC_URL: publicUrl } })
  t.after(() => app.close())
  const project = await app.project('acme/web', { visibility: 'public' })
  await app.root.put(`/api/v4/projects/${project.id}/packages/generic/tool/1/tool.bin`, 'tool')

  const browser = createBrowser(`${app.url}/registry`, 'https://packages.test')
  const signedInBrowser = await signedIn({ url: `${app.url}/registry`, core: app.core }, app.root)
  const asked = await browser.get('/tokens')
  assert.equal(asked.location, '/registry/sign-in?return_to=%2Ftokens')
  const again = await browser.submit('/sign-in', {
    username: 'root',
    password: 'correct horse battery',
    return_to: '/tokens',
  })
  assert.equal(again.location, '/registry/tokens')
  assert.match(again.headers.get('set-cookie')!, /; Path=\/registry\/; HttpOnly; Secure; SameSite=Lax$/)

  const seen = new Set<string>()
  const todo = ['/registry/']
  for (let path = todo.pop(); path !== undefined; path = todo.pop()) {
    if (seen.has(path)) continue
    seen.add(path)
    const page = await signedInBrowser.get(path.replace('/registry', ''))
    assert.equal(page.status, 200, path)
    if (!page.headers.get('content-type')!.includes('html')) continue
    for (const [, address] of page.text.matchAll(/(?:href|src|action)="([^"]+)"/g)) {
      if (/^(#|https:\/\/packages\.test\/registry\/)/.test(address!)) continue
      assert.ok(address!.startsWith('/registry/'), `${address} on ${path}`)
      if (!/\/(sign-out|revoke|link|block|unblock)$/.test(address!)) todo.push(address!)
    }
  }
  assert.ok(seen.has('/registry/acme/web'))
  assert.ok([...seen].some((path) => path.startsWith('/registry/assets/style.')))
  assert.ok([...seen].some((path) => path.endsWith('/download')))
})
