import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestApp } from '../../test/app.ts'
import { ask } from '../../test/ask.ts'
import { restRoutes as routes } from '../../test/rest-routes.ts'
import { formValues } from './bodies.ts'

test('the OpenAPI document holds every REST route and every route of every format', async () => {
  const app = await createTestApp()
  try {
    const { body } = await ask(app.anonymous, 'GET /openapi.json')
    assert.equal(body.openapi, '3.1.0')
    assert.equal(body.servers[0].url, `${app.url}/api/v4`)
    for (const { method, path } of routes) {
      const operation = body.paths[path.replace(/:(\w+)/g, '{$1}')]?.[method.toLowerCase()]
      assert.ok(operation, `${method} ${path}`)
    }
    for (const format of app.core.formats.values()) {
      for (const route of format.routes) {
        const path = `/projects/{id}/packages/${format.id}${route.path.replace(/:(\w+)\+?/g, '{$1}')}`
        assert.ok(body.paths[path]?.[route.method.toLowerCase()], `${route.method} ${path}`)
      }
      for (const route of format.rootRoutes ?? []) {
        const operation = body.paths[route.path.replace(/:(\w+)\+?/g, '{$1}')]?.[route.method.toLowerCase()]
        assert.equal(new URL(operation.servers[0].url, `${app.url}/api/v4/openapi.json`).href, `${app.url}/`)
      }
    }
    assert.ok(body.paths['/_/oidc/audience'].get && body.paths['/_/oidc/mint-token'].post)
    const text = JSON.stringify(body)
    for (const [, name] of text.matchAll(/"#\/components\/schemas\/(\w+)"/g)) {
      assert.ok(body.components.schemas[name!], `${name} is defined`)
    }
    assert.doesNotMatch(text, /\$defs|\$schema/)
    for (const [path, operations] of Object.entries<any>(body.paths)) {
      const wanted = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).toSorted()
      for (const operation of Object.values<any>(operations)) {
        const given = operation.parameters.filter((one: any) => one.in === 'path').map((one: any) => one.name)
        assert.deepEqual(given.toSorted(), wanted, path)
      }
    }
    const ids = Object.values<any>(body.paths).flatMap((one) =>
      Object.values<any>(one).flatMap((operation) => operation.operationId ?? []),
    )
    assert.equal(new Set(ids).size, ids.length)
    assert.match((await ask(app.anonymous, 'GET /version')).body.version, /^\d+\.\d+\.\d+/)
  } finally {
    await app.close()
  }
})

test('forms give lists where a name ends in brackets', () => {
  const values = formValues('name=a+b&scopes[]=x&scopes[]=y&__proto__=z')
  assert.deepEqual({ ...values }, { name: 'a b', scopes: ['x', 'y'], ['__proto__']: 'z' })
})
