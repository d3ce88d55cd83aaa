import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import type { Method } from '../formats/format.ts'
import { parseTarget } from './paths.ts'
import { compileRoutes } from './route-table.ts'

function table(...routes: readonly `${Method} ${string}`[]) {
  const compiled = compileRoutes(
    routes.map((text) => {
      const [method, path] = text.split(' ')
      return { method: method as Method, path: path! }
    }),
  )
  return (method: string, url: string) => {
    const found = compiled.match(method, parseTarget(url).segments)
    if (!found) return undefined
    return found.route ? { ...found.params, route: found.route.path } : found.allow
  }
}

test('literals, parameters and order', () => {
  const match = table('GET /-/ping', 'GET /:name', 'GET /:name/:version', 'GET /a/b')
  assert.deepEqual(match('GET', '/-/ping'), { route: '/-/ping' })
  assert.deepEqual(match('GET', '/left-pad'), { route: '/:name', name: 'left-pad' })
  assert.deepEqual(match('GET', '/a/b'), { route: '/:name/:version', name: 'a', version: 'b' })
  assert.equal(match('GET', '/a/b/c'), undefined)
})

test('parameters are decoded exactly once', () => {
  const match = table('GET /:name', 'GET /:name/-/:file+')
  assert.deepEqual(match('GET', '/@acme%2fhello'), { route: '/:name', name: '@acme/hello' })
  assert.deepEqual(match('GET', '/%40acme%2Fhello'), { route: '/:name', name: '@acme/hello' })
  assert.deepEqual(match('GET', '/100%25'), { route: '/:name', name: '100%' })
  assert.deepEqual(match('GET', '/x/%2d/a%20b/c'), { route: '/:name/-/:file+', name: 'x', file: 'a b/c' })
})

test("'+' takes one or more segments, anywhere", () => {
  const match = table('GET /:name+/-/:file', 'GET /v2/:image+/blobs/uploads/:id', 'GET /:path+')
  assert.deepEqual(match('GET', '/@acme/hello/-/hello-1.tgz'), {
    route: '/:name+/-/:file',
    name: '@acme/hello',
    file: 'hello-1.tgz',
  })
  assert.deepEqual(match('GET', '/v2/a/blobs/uploads/blobs/uploads/7'), {
    route: '/v2/:image+/blobs/uploads/:id',
    image: 'a/blobs/uploads',
    id: '7',
  })
  assert.deepEqual(match('GET', '/-/x'), { route: '/:path+', path: '-/x' })
})

test('of two + the first takes as few segments as it can', () => {
  const match = table('GET /:group+/-/:rest+')
  assert.deepEqual(match('GET', '/a/b/-/c/-/d'), { route: '/:group+/-/:rest+', group: 'a/b', rest: 'c/-/d' })
  assert.equal(match('GET', '/-/-'), undefined)
  assert.deepEqual(match('GET', '/-/-/-'), { route: '/:group+/-/:rest+', group: '-', rest: '-' })
})

test('text around a name', () => {
  const match = table('GET /:version.zip', 'GET /@:scope/:name', 'GET /files/:file+.sha1')
  assert.deepEqual(match('GET', '/v1.0.0.zip'), { route: '/:version.zip', version: 'v1.0.0' })
  assert.equal(match('GET', '/.zip'), undefined)
  assert.deepEqual(match('GET', '/@acme/x'), { route: '/@:scope/:name', scope: 'acme', name: 'x' })
  assert.deepEqual(match('GET', '/files/a/b.jar.sha1'), { route: '/files/:file+.sha1', file: 'a/b.jar' })
  assert.equal(match('GET', '/files/a/.sha1'), undefined)
})

test('empty segments match nothing but a trailing slash in the pattern', () => {
  const match = table('GET /', 'GET /:name', 'GET /simple/:name/', 'GET /p/:path+')
  assert.deepEqual(match('GET', '/'), { route: '/' })
  assert.deepEqual(match('GET', '/simple/x/'), { route: '/simple/:name/', name: 'x' })
  for (const url of ['//', '//x', '/x/', '/simple//', '/simple/x//', '/p/', '/p//a', '/p/a//b', '/p/a/']) {
    assert.equal(match('GET', url), undefined, url)
  }
  for (const url of ['/%2f', '/%2fx', '/x%2f', '/x%2f%2fy', '/p/a%2f', '/p/a%2f%2fb', '/p/%2fa/b']) {
    assert.equal(match('GET', url), undefined, url)
  }
})

test('HEAD is GET; other methods are named for a 405', () => {
  const match = table('GET /:name', 'PUT /:name', 'DELETE /:name/-rev/:rev')
  assert.deepEqual(match('HEAD', '/x'), { route: '/:name', name: 'x' })
  assert.deepEqual(match('POST', '/x'), ['GET', 'HEAD', 'PUT'])
  assert.deepEqual(match('GET', '/x/-rev/1'), ['DELETE'])
  assert.equal(match('POST', '/x/y'), undefined)
})

test('a pattern that cannot be read is named', () => {
  for (const path of ['x', '/a//b', '/:', '/:a:b', '/:1', '/:a/:a', '/:a+/:b+/:c+']) {
    assert.throws(
      () => compileRoutes([{ method: 'GET', path }]),
      new RegExp(`'${path.replace(/[+]/g, '\\+')}'`),
      path,
    )
  }
})

test('hostile paths are answered quickly', () => {
  const match = table('GET /:a+/-/:b+', 'GET /:a+/x/:b+/y', 'GET /:a+/-/:b+/-/z')
  const started = performance.now()
  assert.equal(match('GET', `/${'-/'.repeat(2047)}`), undefined)
  assert.equal(match('GET', `/${'x/'.repeat(2047)}`), undefined)
  assert.ok(performance.now() - started < 1000)
})

test('what a + matched is the path itself', () => {
  const part = fc
    .string({ minLength: 1, maxLength: 6 })
    .filter((text) => /^[\w %@-]+$/.test(text) && !/%[0-9a-f]{2}/i.test(text))
  const compiled = compileRoutes([{ method: 'GET', path: '/:first/:rest+/end' }])
  fc.assert(
    fc.property(part, fc.array(part, { minLength: 1, maxLength: 10 }), (first, rest) => {
      const segments = [first, ...rest, 'end'].map(encodeURIComponent)
      assert.deepEqual(compiled.match('GET', segments), {
        route: { method: 'GET', path: '/:first/:rest+/end' },
        params: { first, rest: rest.join('/') },
      })
    }),
  )
})
