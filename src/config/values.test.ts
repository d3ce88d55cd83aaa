import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { defaultPublicUrl, parseListen, parsePublicUrl } from './addresses.ts'
import { parseDuration } from './durations.ts'
import { parseSize } from './sizes.ts'
import { parseMinFree } from './storage-care-keys.ts'
import { suggestion } from './suggestion.ts'

describe('sizes', () => {
  it('reads bytes and both families of units', () => {
    const sizes = { '5GB': 5e9, '500MiB': 524_288_000, '1.5 kB': 1500, '0': 0, '12b': 12, '1TiB': 2 ** 40 }
    for (const [text, bytes] of Object.entries(sizes)) assert.equal(parseSize(text), bytes, text)
    assert.equal(parseSize(4096), 4096)
  })
  it('refuses what is no size', () => {
    const bad = [
      '',
      'GB',
      '5 G',
      '-1',
      '1e9',
      '5GB ',
      '1.5',
      '99999999999GB',
      '0x10',
      Number.NaN,
      -1,
      1.5,
      null,
      true,
      {},
    ]
    for (const value of bad) assert.equal(parseSize(value), undefined, String(value))
  })
  it('reads every whole number of bytes as itself', () => {
    fc.assert(fc.property(fc.nat(), (bytes) => parseSize(bytes) === bytes && parseSize(`${bytes}`) === bytes))
  })
})

describe('how much of a disk stays free', () => {
  it('reads a size, a share, or both', () => {
    assert.deepEqual(parseMinFree('1GB, 2%'), { bytes: 1e9, share: 0.02 })
    assert.deepEqual(parseMinFree('2.5%'), { bytes: 0, share: 0.025 })
    assert.deepEqual(parseMinFree(4096), { bytes: 4096, share: 0 })
    assert.deepEqual(parseMinFree(0), { bytes: 0, share: 0 })
  })
  it('refuses what is neither', () => {
    for (const value of ['', '1GB 2%', '101%', '-1%', '1GB,', 'some', null, {}])
      assert.equal(parseMinFree(value), undefined, String(value))
  })
})

describe('durations', () => {
  it('reads seconds and units', () => {
    const durations = {
      '30': 30_000,
      '30s': 30_000,
      '5m': 300_000,
      '1h': 3_600_000,
      '500ms': 500,
      '0.5': 500,
    }
    for (const [text, milliseconds] of Object.entries(durations))
      assert.equal(parseDuration(text), milliseconds, text)
    assert.equal(parseDuration(0.25), 250)
  })
  it('refuses what is no duration', () => {
    for (const value of [
      '',
      '0',
      0,
      -1,
      '5 minutes',
      '5d',
      '999999999h',
      '1e3',
      Number.POSITIVE_INFINITY,
      null,
      [],
    ]) {
      assert.equal(parseDuration(value), undefined, String(value))
    }
  })
})

describe('addresses', () => {
  it('takes addresses to listen on as they are', () => {
    for (const listen of ['127.0.0.1:8080', '[::]:8080', '[::1]:0', 'localhost:65535', '0.0.0.0:80']) {
      assert.equal(parseListen(listen), listen)
    }
  })
  it('refuses others', () => {
    const bad = [
      '8080',
      ':8080',
      '::1:80',
      '[::1]',
      '[x]:80',
      '1.2.3:80',
      '1.2.3.400:80',
      'a:65536',
      'a b:80',
      'http://a:80',
      80,
    ]
    for (const listen of bad) assert.equal(parseListen(listen), undefined, String(listen))
  })
  it('takes public URLs, with or without a path, and drops the last slash', () => {
    const urls = {
      'https://packages.example.com': 'https://packages.example.com',
      'https://Packages.Example.com:443/': 'https://packages.example.com',
      'http://127.0.0.1:8080/packages/': 'http://127.0.0.1:8080/packages',
      'http://[::1]:8080/a/b-c.d': 'http://[::1]:8080/a/b-c.d',
    }
    for (const [written, url] of Object.entries(urls)) assert.equal(parsePublicUrl(written), url)
  })
  it('refuses public URLs that would not come back as written', () => {
    const bad = [
      'packages.example.com',
      'ftp://example.com',
      'https://user:secret@example.com',
      'https://example.com/?x=1',
      'https://example.com/#x',
      'https://example.com/a/../b',
      'https://example.com//a',
      'https://example.com/a%2fb',
      'https://example.com/a b',
      'https://example.com\\a',
    ]
    for (const url of bad) assert.equal(parsePublicUrl(url), undefined, url)
  })
  it('derives the public URL from the address', () => {
    assert.equal(defaultPublicUrl('127.0.0.1:8080', false), 'http://127.0.0.1:8080')
    assert.equal(defaultPublicUrl('[::]:8443', true), 'https://localhost:8443')
    assert.equal(defaultPublicUrl('[::1]:80', false), 'http://[::1]')
  })
})

describe('suggestions', () => {
  it('finds the near and nothing else', () => {
    assert.equal(suggestion('packges', ['listen', 'packages']), 'packages')
    assert.equal(suggestion('pubic_url', ['public_url', 'data']), 'public_url')
    assert.equal(suggestion('elephant', ['listen', 'packages', 'tls']), undefined)
    assert.equal(suggestion('x', ['tls', 'log']), undefined)
  })
})
