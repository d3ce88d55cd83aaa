import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { ConfigError } from './config-error.ts'
import { loadConfig } from './config.ts'

describe('the section upstreams', () => {
  const formats = [
    { id: 'wheel', maxFileSize: 1000, upstream: {} },
    { id: 'crate', maxFileSize: 2000 },
  ]
  let cwd: string
  before(() => {
    cwd = mkdtempSync(join(tmpdir(), 'entrepot-upstreams-'))
  })
  after(() => rmSync(cwd, { recursive: true }))

  const load = (yaml: string, env: Record<string, string> = {}) => {
    writeFileSync(join(cwd, 'entrepot.yml'), yaml)
    return loadConfig({ env, formats, cwd }).upstreams
  }
  const unset = {
    name: undefined,
    credential: null,
    ttlMs: undefined,
    include: undefined,
    exclude: undefined,
    keepDaysUnused: undefined,
    maxBytes: undefined,
    anonymousFill: undefined,
    offline: undefined,
    mixes: undefined,
  }

  it('holds the upstreams of each format in order, with sizes and durations as people write them', () => {
    assert.deepEqual(load(''), {})
    const found = load(`
upstreams:
  wheel:
    - url: https://one.example/all/
    - { url: 'http://two.example', name: two, username: bot, password: 'p:w', ttl: 30m, include: ['a-*'], exclude: [b],
        keep_days_unused: 90, max_bytes: 10GB, anonymous_fill: true, offline: true, mixes: true }
    - { url: 'https://three.example', token: abc, ttl: 0 }
    - { url: 'https://four.example', ttl: 720h }
`)
    assert.deepEqual(found, {
      wheel: [
        { ...unset, url: 'https://one.example/all' },
        {
          url: 'http://two.example',
          name: 'two',
          credential: { username: 'bot', secret: 'p:w' },
          ttlMs: 1_800_000,
          include: ['a-*'],
          exclude: ['b'],
          keepDaysUnused: 90,
          maxBytes: 10_000_000_000,
          anonymousFill: true,
          offline: true,
          mixes: true,
        },
        { ...unset, url: 'https://three.example', credential: { username: null, secret: 'abc' }, ttlMs: 0 },
        { ...unset, url: 'https://four.example', ttlMs: 2_592_000_000 },
      ],
    })
  })

  it('can stand in a variable', () => {
    const env = { ENTREPOT_UPSTREAMS__WHEEL: "[{url: 'https://one.example'}]" }
    assert.deepEqual(load('', env), { wheel: [{ ...unset, url: 'https://one.example' }] })
  })

  it('refuses what cannot be, and never shows a password', () => {
    const wrong = [
      ['crate: [{url: https://a.example}]', /unknown key 'upstreams.crate'.*allowed here are wheel/],
      ['wheel: https://a.example', /upstreams.wheel .* must be a list/],
      ['wheel: [{name: a}]', /upstreams.wheel.*url must be an http or https URL/],
      ['wheel: [{url: "https://me:hunter2@a.example"}]', /url must be an http or https URL without password/],
      ['wheel: [{url: https://a.example, username: hunter2}]', /username and password together/],
      ['wheel: [{url: https://a.example, password: hunter2}]', /username and password together/],
      ['wheel: [{url: https://a.example, username: a, password: hunter2, token: x}]', /or token alone/],
      ['wheel: [{url: https://a.example, ttl: 721h}]', /ttl must be a duration of at most 30 days/],
      ['wheel: [{url: https://a.example, max_bytes: much}]', /max_bytes must be a size/],
      ['wheel: [{url: https://a.example, max_bytes: 0}]', /max_bytes must be a size/],
      ['wheel: [{url: https://a.example, tll: 1m, token: hunter2}]', /upstreams.wheel .* must be a list/],
      ['wheel: [{url: https://a.example}, {url: https://a.example/}]', /stands there twice/],
      [`wheel: [${"{url: 'https://a.example'},".repeat(21)}]`, /must be a list of at most 20/],
    ] as const
    for (const [yaml, words] of wrong) {
      const error = refusalOf(`upstreams: {${yaml}}`)
      assert.match(error, words, yaml)
      assert.doesNotMatch(error, /hunter2/)
    }
  })

  function refusalOf(yaml: string): string {
    try {
      load(yaml)
    } catch (error) {
      assert.ok(error instanceof ConfigError, String(error))
      return error.message
    }
    assert.fail(`accepted: ${yaml}`)
  }
})
