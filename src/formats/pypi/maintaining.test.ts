/** Yanks, statuses and the JSON API. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { call } from '../testing/http.ts'
import { wheelForm, withRegistry } from './registry.suite.ts'
import { sampleSdist, sha256, sdistName } from './sample-archives.ts'
import { sampleAttestation } from './sample-attestation.ts'
import { sampleForm } from './samples.ts'

const yanked = (page: any) =>
  Object.fromEntries(
    page.files.map((file: any) => [file.filename.replace(/-py3.*|\.tar\.gz/, ''), file.yanked]),
  )

test('maintainers yank releases and files, and take it back', () =>
  withRegistry(async ({ app, at, upload, get, simple }) => {
    for (const version of ['1.0', '2.0']) await upload(wheelForm('hello', version))
    const maintainer = await app.user('mia')
    await app.member(maintainer, 'acme', 40)
    const developer = await app.user('dan')
    await app.member(developer, 'acme', 30)
    const send = (method: 'PUT' | 'DELETE', path: string, body?: string, by = maintainer) =>
      call(by, at, { method, path, ...(body !== undefined && { body }) })
    const file = 'hello-1.0-py3-none-any.whl'
    for (const path of ['/yank/hello/1.0', `/yank/hello/1.0/${file}`, '/project-status/hello'])
      assert.equal((await send('PUT', path, '{"status":"archived"}', developer)).status, 403, path)
    assert.equal((await send('PUT', '/yank/Hello/1.0.0', '{"reason":"<b>bad</b>"}')).status, 204)
    assert.deepEqual(yanked(await simple('hello')), { 'hello-1.0': '<b>bad</b>', 'hello-2.0': false })
    assert.match((await get('/simple/hello/')).text, /data-yanked="&lt;b&gt;bad&lt;\/b&gt;"/)
    const { info } = JSON.parse((await get('/pypi/hello/1.0/json')).text)
    assert.deepEqual([info.yanked, info.yanked_reason], [true, '<b>bad</b>'])
    assert.equal((await send('DELETE', '/yank/hello/1.0')).status, 204)
    assert.equal((await send('PUT', `/yank/hello/1.0/${file}`)).status, 204)
    assert.deepEqual(yanked(await simple('hello')), { 'hello-1.0': true, 'hello-2.0': false })
    assert.equal(JSON.parse((await get('/pypi/hello/1.0/json')).text).urls[0].yanked, true)
    assert.equal((await send('DELETE', `/yank/hello/1.0/${file}`)).status, 204)
    assert.deepEqual(yanked(await simple('hello')), { 'hello-1.0': false, 'hello-2.0': false })
    for (const path of [
      '/yank/hello/3.0',
      '/yank/none/1.0',
      `/yank/hello/2.0/${file}`,
      `/yank/hello/1.0/${file}.metadata`,
    ])
      assert.equal((await send('PUT', path)).status, 404, path)
    assert.equal((await send('PUT', '/yank/hello/1.0', '{"reason":5}')).status, 400)
    assert.equal((await send('PUT', '/yank/hello/1.0', '[]')).status, 400)
  }))

test('an archived or quarantined project takes nothing, and the latter shows nothing', () =>
  withRegistry(async ({ app, at, groupAt, upload, get, simple }) => {
    const first = wheelForm('hello', '1.0')
    first.fields['attestations'] = [JSON.stringify([sampleAttestation(first.fileName, first.content)])]
    await upload(first)
    const file = `/files/${sha256(first.content)}/${first.fileName}`
    const set = (body: object) =>
      call(app.root, at, { method: 'PUT', path: '/project-status/hello', body: JSON.stringify(body) })
    for (const status of ['archived', 'quarantined', 'deprecated', 'active'] as const) {
      assert.equal((await set({ status, reason: 'because' })).status, 204)
      const page = await simple('hello')
      assert.deepEqual(page['project-status'], { status, reason: 'because' })
      assert.equal(page.files.length > 0, status !== 'quarantined')
      const beside = `hello/1.0/${first.fileName}/provenance`
      for (const path of [
        '/pypi/hello/json',
        '/pypi/hello/1.0/json',
        file,
        `${file}.metadata`,
        `/integrity/${beside}`,
      ])
        for (const level of [at, groupAt])
          assert.equal((await get(path, { at: level })).status, status === 'quarantined' ? 404 : 200, path)
      assert.match((await get('/simple/hello/')).text, new RegExp(`project-status" content="${status}"`))
      const isClosed = status === 'archived' || status === 'quarantined'
      const answer = await upload(wheelForm('hello', `2.0.${status.length}`))
      assert.equal(answer.status, isClosed ? 403 : 201)
      if (isClosed) assert.match(answer.text, new RegExp(`the project hello is ${status}`))
    }
    assert.equal((await set({ status: 'gone' })).status, 400)
  }))

test('the JSON API tells of a project and of a release', () =>
  withRegistry(async ({ upload, get, at }) => {
    const metadata = ['Platform: any', 'Platform: all']
    for (const version of ['1.0', '1.1', '2.0rc1'])
      await upload(sampleForm({ name: 'Hello', version, content: '', metadata }))
    const form = sampleForm({ name: 'Hello', version: '1.1', content: '' }, 'sdist')
    assert.equal(form.fileName, sdistName({ name: 'Hello', version: '1.1' }))
    await upload(form)
    const { info, releases, urls, vulnerabilities } = JSON.parse((await get('/pypi/hello/json')).text)
    assert.deepEqual(Object.keys(releases), ['1.0', '1.1', '2.0rc1'])
    assert.deepEqual([info.name, info.version, info.summary], ['Hello', '1.1', 'A sample called Hello'])
    assert.deepEqual([info.yanked, info.requires_dist, info.description], [false, null, '# Hello'])
    assert.deepEqual([info.platform, info.bugtrack_url, info.docs_url], ['any, all', null, null])
    assert.deepEqual(info.downloads, { last_day: -1, last_week: -1, last_month: -1 })
    assert.deepEqual([urls[0].comment_text, urls[0].downloads], [null, -1])
    assert.equal(info.package_url, `${at}/simple/hello/`)
    assert.deepEqual(vulnerabilities, [])
    const source = urls.find((file: any) => file.packagetype === 'sdist')
    assert.equal(source.digests.sha256, sha256(sampleSdist({ name: 'Hello', version: '1.1', content: '' })))
    assert.equal(source.md5_digest, source.digests.md5)
    assert.deepEqual(releases['1.1'], urls)
    const release = JSON.parse((await get('/pypi/HELLO/1.0.0/json')).text)
    assert.deepEqual([release.info.version, release.releases], ['1.0', undefined])
    for (const path of ['/pypi/none/json', '/pypi/hello/9/json', '/pypi/a%20b/json'])
      assert.equal((await get(path)).status, 404, path)
  }))
