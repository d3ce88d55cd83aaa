import { argon2, randomBytes, timingSafeEqual, type Argon2Parameters } from 'node:crypto'
import { promisify } from 'node:util'
import { invalid } from '../../lib/problem.ts'

const derive = promisify(argon2)

/** RFC 9106's second recommended choice, with less memory for small machines. */
const cost = { memory: 19_456, passes: 2, parallelism: 1, tagLength: 32 }
const prefix = '$argon2id$v=19'

/** Throws 400 unless the password is long enough to be used. */
export function checkPassword(password: string): void {
  if (password.length < 12) throw invalid('password must have at least 12 characters')
  if (password.length > 1024) throw invalid('password must have at most 1024 characters')
}

/** The text to store (PHC string format). */
export async function hashPassword(password: string): Promise<string> {
  const nonce = randomBytes(16)
  const key = await derive('argon2id', { message: password, nonce, ...cost })
  const parameters = `m=${cost.memory},t=${cost.passes},p=${cost.parallelism}`
  return [prefix, parameters, encode(nonce), encode(key)].join('$')
}

/** Whether the password is the stored one. An unknown user (null) takes as long as a wrong password. */
export async function verifyPassword(password: string, stored: string | null): Promise<boolean> {
  const { nonce, key, parameters } = parse(stored ?? impossible)
  const actual = await derive('argon2id', { message: password, nonce, ...parameters })
  return timingSafeEqual(actual, key) && stored !== null
}

const encode = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '')
const impossible = [
  prefix,
  `m=${cost.memory},t=${cost.passes},p=${cost.parallelism}`,
  encode(Buffer.alloc(16)),
  encode(Buffer.alloc(32)),
].join('$')

function parse(stored: string): {
  nonce: Buffer
  key: Buffer
  parameters: Omit<Argon2Parameters, 'message' | 'nonce'>
} {
  const match = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([\w+/]+)\$([\w+/]+)$/.exec(stored)
  if (!match) throw new Error('a stored password hash cannot be read')
  const [, memory, passes, parallelism, nonce, key] = match as unknown as [
    string,
    string,
    string,
    string,
    string,
    string,
  ]
  const bytes = Buffer.from(key, 'base64')
  return {
    nonce: Buffer.from(nonce, 'base64'),
    key: bytes,
    parameters: {
      memory: Number(memory),
      passes: Number(passes),
      parallelism: Number(parallelism),
      tagLength: bytes.length,
    },
  }
}
