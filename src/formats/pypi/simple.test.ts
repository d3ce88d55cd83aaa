import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chooseForm, htmlType, jsonType } from './accept.ts'
import { wheelForm, withRegistry } from './registry.suite.ts'
import { metadataText, sampleWheel, sha256 } from './sample-archives.ts'

const plain = 'text/html; charset=utf-8'

test('the form is chosen by Accept, or by the query', () => {
  const pip =
    'application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html; q=0.1, text/html; q=0.01'
  const forms: readonly (readonly [accept: string | undefined, contentType: string])[] = [
    [undefined, plain],
    ['', plain],
    ['*/*', plain],
    ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', plain],
    [pip, jsonType],
    ['application/vnd.pypi.simple.latest+json', jsonType],
    ['application/vnd.pypi.simple.v1+html;q=0.2,text/html;q=0.1', htmlType],
    ['application/vnd.pypi.simple.v1+json;q=0.1, application/vnd.pypi.simple.v1+html', htmlType],
    ['application/vnd.pypi.simple.v1+json;q=0, text/html;q=0.5', plain],
    ['application/vnd.pypi.simple.v2+json', plain],
    ['image/png', plain],
    [',;q=,=;', plain],
    ['text/html;q=0.1, */*;q=0.9', htmlType],
    ['text/html;q=0, */*', htmlType],
    [`${jsonType};q=0.5,`, jsonType],
    ['application/*, text/*;q=0.5', htmlType],
    ['text/*;q=0.5, application/vnd.pypi.simple.v1+html;q=0.4', plain],
    ['application/vnd.pypi.simple.v1+json;q=0.9, application/*;q=0.1, */*;q=0.2', jsonType],
  ]
  for (const [accept, contentType] of forms)
    assert.equal(chooseForm(accept, null).contentType, contentType, accept)
  for (const format of [jsonType, jsonType.replace('+', ' ')])
    assert.equal(chooseForm('text/html', format).contentType, jsonType, format)
  assert.equal(chooseForm(jsonType, '').contentType, jsonType)
})

test('a page lists files with all that installers choose by', () =>
  withRegistry(async ({ upload, get, at, simple }) => {
    const metadata = ['Requires-Python: >=3.8,<4']
    const content = sampleWheel({ name: 'Hello.World', version: '1.0', metadata })
    const form = { ...wheelForm('Hello.World', '1.0'), content }
    form.fields['sha256_digest'] = [sha256(content)]
    assert.equal((await upload(form)).status, 201)
    const html = await get('/simple/hello-world/')
    assert.equal(html.headers['content-type'], plain)
    assert.match(String(html.headers['vary']), /\bAccept\b/)
    const url = `${at}/files/${sha256(content)}/hello_world-1.0-py3-none-any.whl`
    const text = metadataText({ name: 'Hello.World', version: '1.0', metadata })
    for (const piece of [
      `href="${url}#sha256=${sha256(content)}"`,
      'data-requires-python="&gt;=3.8,&lt;4"',
      `data-core-metadata="sha256=${sha256(text)}"`,
      '<meta name="pypi:repository-version" content="1.4">',
      '<meta name="pypi:project-status" content="active">',
    ])
      assert.ok(html.text.includes(piece), `${piece} in ${html.text}`)
    assert.ok(!html.text.includes('data-yanked'))
    const json = await simple('hello-world')
    const [{ 'upload-time': time, ...file }] = json.files
    assert.ok(Math.abs(Date.parse(time) - Date.now()) < 60_000)
    assert.deepEqual(
      { ...json, files: [file] },
      {
        meta: { 'api-version': '1.4' },
        name: 'hello-world',
        'project-status': { status: 'active' },
        versions: ['1.0'],
        files: [
          {
            filename: 'hello_world-1.0-py3-none-any.whl',
            url,
            hashes: { sha256: sha256(content) },
            'requires-python': '>=3.8,<4',
            size: content.length,
            yanked: false,
            'core-metadata': { sha256: sha256(text) },
            provenance: null,
          },
        ],
      },
    )
    const beside = await get(`/files/${sha256(content)}/hello_world-1.0-py3-none-any.whl.metadata`)
    assert.equal(beside.text, text)
  }))

test('other spellings of a name are sent on, with a slash and without', () =>
  withRegistry(async ({ upload, get, at, groupAt }) => {
    await upload(wheelForm('hello-world', '1.0'))
    for (const level of [at, groupAt])
      for (const path of ['/simple/Hello_World/', '/simple/hello.world', '/simple/HELLO--WORLD/']) {
        const { status, headers } = await get(path, { at: level })
        assert.deepEqual([status, headers['location']], [301, `${level}/simple/hello-world/`])
      }
    const asked = await get('/simple/Hello_World/?format=application/vnd.pypi.simple.v1+json')
    const { searchParams } = new URL(String(asked.headers['location']))
    assert.equal(searchParams.get('format'), jsonType)
    assert.equal((await get('/simple/hello-world')).status, 200)
    for (const path of ['/simple/none/', '/simple/-/', '/simple/a%20b/'])
      assert.equal((await get(path)).status, 404, path)
  }))

test('the list of projects has each once, and is empty before the first', () =>
  withRegistry(async ({ app, upload, get, at, groupAt }) => {
    const names = async (level: string) =>
      JSON.parse((await get('/simple/', { accept: jsonType, at: level })).text).projects.map(
        (one: any) => one.name,
      )
    assert.deepEqual(await names(at), [])
    assert.match((await get('/simple')).text, /<h1>Simple index<\/h1>/)
    for (const [name, version] of [
      ['Zeta', '1.0'],
      ['alpha_one', '1.0'],
      ['Zeta', '1.1'],
    ] as const)
      await upload(wheelForm(name, version))
    for (const level of [at, groupAt]) assert.deepEqual(await names(level), ['alpha_one', 'Zeta'])
    const { text, headers } = await get('/simple/', { accept: htmlType })
    assert.equal(headers['content-type'], htmlType)
    assert.ok(text.includes(`<a href="${at}/simple/alpha-one/">alpha_one</a>`))
    const [pkg] = await app.root.json('GET', '/api/v4/projects/acme%2Fapp/packages?package_name=alpha_one')
    await app.root.json('DELETE', `/api/v4/projects/acme%2Fapp/packages/${pkg.id}`)
    assert.deepEqual(await names(groupAt), ['Zeta'])
  }))

test('texts of strangers are escaped', () =>
  withRegistry(async ({ upload, get }) => {
    const form = wheelForm('hello', '1.0')
    const evil = `>=3"><script>alert('x')</script>`
    form.content = sampleWheel({ name: 'hello', version: '1.0', metadata: [`Requires-Python: ${evil}`] })
    form.fields['sha256_digest'] = [sha256(form.content)]
    assert.equal((await upload(form)).status, 201)
    const { text } = await get('/simple/hello/')
    assert.ok(!text.includes('<script') && text.includes('&lt;script&gt;'))
  }))
