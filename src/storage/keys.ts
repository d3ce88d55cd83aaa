import { randomBytes } from 'node:crypto'

const keyRule = /^[0-9a-f]{2}\/[0-9a-f]{2}\/[0-9a-f]{32}$/
const nameRule = /^[0-9a-f]{32}$/

/** Eight characters that end every key of one opened store, so that it knows its own from those of earlier runs. */
export function makeRun(): string {
  return randomBytes(4).toString('hex')
}

/** A fresh key, `ab/cd/abcd...`, of 96 random bits and the run. */
export function makeKey(run: string): string {
  return keyOf(randomBytes(12).toString('hex') + run)
}

/** So many keys in turn lie in one directory. */
const keysTogether = 256

/**
 * Makes fresh keys of 80 random bits beside 16 that many of them share: a new directory, and making it durable, costs more
 * than a file in it.
 */
export function keysTogetherOf(run: string): () => string {
  let [start, left] = ['', 0]
  return () => {
    if (left === 0) [start, left] = [randomBytes(2).toString('hex'), keysTogether]
    left--
    return keyOf(start + randomBytes(10).toString('hex') + run)
  }
}

/** The key that a name of 32 hexadecimal characters belongs to. */
export function keyOf(name: string): string {
  return `${name.slice(0, 2)}/${name.slice(2, 4)}/${name}`
}

/** The last part of a key. */
export function nameOf(key: string): string {
  return key.slice(6)
}

export function isName(text: string): boolean {
  return nameRule.test(text)
}

/** Throws unless `key` has the shape of a key: nothing else may become part of a path. */
export function assertKey(key: string): void {
  if (!keyRule.test(key))
    throw new TypeError(`${JSON.stringify(key.slice(0, 100))} is no key of a stored blob`)
}
