import assert from 'node:assert/strict'
import { it } from 'node:test'
import {
  createMessage,
  enums,
  generateKey as generateWith,
  readCleartextMessage,
  readKeys,
  readPrivateKey,
  readSignature,
  verify,
} from 'openpgp'
import { generateKey, importKey, joinPublicKeys, longestKey, signText } from './openpgp.ts'

const day = 86_400_000
const now = Date.parse('2030-01-31T12:00:00Z')
const text = 'Origin: acme\nSuite: stable\n- a dash\nlast line\n'

/** A key as somebody else's tool makes one. */
async function foreignKey(options: Partial<Parameters<typeof generateWith>[0]> = {}): Promise<string> {
  const made = await generateWith({
    type: 'ecc',
    curve: 'ed25519Legacy',
    userIDs: { name: 'somebody' },
    subkeys: [],
    date: new Date(now - day),
    ...options,
    format: 'armored',
  })
  return made.privateKey
}
const refused = (armored: string, passphrase: string | undefined, message: RegExp) =>
  assert.rejects(importKey(armored, passphrase, now), (error: any) => {
    assert.equal(error.status, 400, error.stack)
    assert.match(error.message, message)
    return true
  })

/** The fingerprints of the keys of a block whose signatures stand on the text. */
async function signers(publicKeys: string, how: 'inline' | 'detached', signed: string, at = now) {
  const verificationKeys = await readKeys({ armoredKeys: publicKeys })
  const common = { verificationKeys, date: new Date(at) }
  const { signatures } =
    how === 'inline'
      ? await verify({
          ...common,
          message: await readCleartextMessage({ cleartextMessage: signed }),
        })
      : await verify({
          ...common,
          message: await createMessage({ binary: new TextEncoder().encode(text) }),
          signature: await readSignature({ armoredSignature: signed }),
        })
  const good: string[] = []
  for (const { keyID, verified } of signatures) {
    await verified
    const key = verificationKeys.find((one) => one.getKeys(keyID).length > 0)
    good.push(key!.getFingerprint().toUpperCase())
  }
  return good
}

it('a key that is made signs, also what a clock that is behind reads', async () => {
  const key = await generateKey('Entrepot acme (debian)', now)
  assert.match(key.fingerprint, /^[0-9A-F]{40}$/)
  const [read] = await readKeys({ armoredKeys: key.publicKey })
  assert.equal(read!.isPrivate(), false)
  assert.deepEqual(read!.getUserIDs(), ['Entrepot acme (debian)'])
  assert.equal(await read!.getExpirationTime(), Infinity)
  const escaped = text.replace('- a', '- - a')
  for (const how of ['inline', 'detached'] as const) {
    const signed = await signText(text, how, [key.privateKey], now - 3_600_000)
    assert.deepEqual(await signers(key.publicKey, how, signed, now), [key.fingerprint])
    assert.equal(signed.includes(`\n\n${escaped}-----BEGIN PGP SIGNATURE`), how === 'inline')
  }
})

it('while one key follows another both sign, and both are among the public keys', async () => {
  const old = await generateKey('old', now)
  const next = await importKey(await foreignKey(), undefined, now)
  const block = await joinPublicKeys([old.publicKey, next.publicKey])
  assert.equal(block.match(/BEGIN PGP PUBLIC KEY BLOCK/g)!.length, 1)
  assert.match(block, /^=[A-Za-z0-9+/]{4}$/m, 'a checksum, without which GnuPG 2.2 reads one in three')
  for (const how of ['inline', 'detached'] as const) {
    const signed = await signText(text, how, [old.privateKey, next.privateKey], now)
    const both = [old.fingerprint, next.fingerprint].sort()
    assert.deepEqual((await signers(block, how, signed)).sort(), both)
    const altered = signed.replace('stable', 'table')
    if (how === 'inline') await assert.rejects(signers(block, how, altered), /digest|verif/i)
  }
})

it('a key with a passphrase is taken with it, and kept without it', async () => {
  const armored = await foreignKey({ passphrase: 'open sesame', subkeys: [{ sign: true }] })
  await refused(armored, undefined, /has a passphrase/)
  await refused(armored, 'open says me', /does not open/)
  await refused(armored, '', /does not open/)
  const key = await importKey(armored, 'open sesame', now)
  const signed = await signText(text, 'detached', [key.privateKey], now)
  assert.deepEqual(await signers(key.publicKey, 'detached', signed), [key.fingerprint])
  assert.equal((await importKey(await foreignKey(), 'none is needed', now)).fingerprint.length, 40)
})

it('a key whose main part stays elsewhere signs with its subkey', async () => {
  const passphrase = 'open sesame'
  const whole = await readPrivateKey({
    armoredKey: await foreignKey({ passphrase, subkeys: [{ sign: true }] }),
  })
  const packet = whole.keyPacket as unknown as { makeDummy(): void }
  packet.makeDummy()
  const key = await importKey(whole.armor(), passphrase, now)
  const signed = await signText(text, 'inline', [key.privateKey], now)
  assert.deepEqual(await signers(key.publicKey, 'inline', signed), [key.fingerprint])
})

it('what cannot sign is refused when it comes', async () => {
  const { publicKey } = await generateKey('acme', now)
  await refused(publicKey, undefined, /no armored OpenPGP private key/)
  for (const garbage of ['', 'x', '-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nAAAA\n=AAAA\n'])
    await refused(garbage, undefined, /no armored OpenPGP private key/)
  const whole = await foreignKey()
  await refused(whole.slice(0, whole.length / 2), undefined, /no armored OpenPGP private key/)
  await refused('x'.repeat(longestKey + 1), undefined, /at most 65536 characters/)
  const expired = await foreignKey({ keyExpirationTime: 3600 })
  await refused(expired, undefined, /cannot sign: Primary key is expired/)
  await refused(await foreignKey({ date: new Date(now + 2 * day) }), undefined, /cannot sign/)
})

it('a key of which the signing part stays locked is refused', async () => {
  const passphrase = 'open sesame'
  const armoredKey = await foreignKey({ passphrase, subkeys: [{ sign: true }] })
  const main = await readPrivateKey({ armoredKey })
  const packet = main.keyPacket as unknown as { decrypt(passphrase: string): Promise<void> }
  await packet.decrypt(passphrase)
  await refused(main.armor(), passphrase, /locked by a passphrase/)
})

it('the keys of a key are opened one after the other, so that a wrong passphrase costs as much as one', async () => {
  const slow = { passphrase: 'open sesame', config: { s2kIterationCountByte: 224 } }
  const cost = async (subkeys: number) => {
    const armored = await foreignKey({
      ...slow,
      subkeys: Array.from({ length: subkeys }, () => ({ sign: true })),
    })
    const began = process.cpuUsage()
    await refused(armored, 'open says me', /does not open/)
    const { user, system } = process.cpuUsage(began)
    return user + system
  }
  const one = await cost(0)
  const all = await cost(7)
  assert.ok(all < 4 * one, `${all} against ${one}`)
})

it('a key that costs much to open, or that clients do not know, is refused unopened', async () => {
  const many = await foreignKey({ subkeys: Array.from({ length: 8 }, () => ({ sign: true })) })
  await refused(many, undefined, /at most 7 subkeys/)
  const argon2 = {
    s2kType: enums.s2k.argon2,
    s2kArgon2Params: { passes: 1, parallelism: 1, memoryExponent: 10 },
    aeadProtect: true,
  } as const
  await refused(await foreignKey({ passphrase: 'x', config: argon2 }), 'x', /protected with Argon2/)
  await refused(await foreignKey({ type: 'curve25519', config: { v6Keys: true } }), undefined, /of version 6/)
  const weak = { type: 'rsa', rsaBits: 1024, config: { minRSABits: 1024 } } as const
  await refused(await foreignKey(weak), undefined, /cannot sign: .*bits/)
})

it('a key that expires later no longer signs, and ends nothing that another one signs', async () => {
  const brief = await importKey(await foreignKey({ keyExpirationTime: 10 * 86_400 }), undefined, now)
  const lasting = await generateKey('lasting', now)
  const keys = [brief.privateKey, lasting.privateKey]
  const later = now + 20 * day
  assert.equal(
    (await signers(lasting.publicKey, 'inline', await signText(text, 'inline', keys.slice(1), now))).length,
    1,
  )
  const signed = await signText(text, 'inline', keys, later)
  const block = await joinPublicKeys([brief.publicKey, lasting.publicKey])
  assert.deepEqual(await signers(block, 'inline', signed, later), [lasting.fingerprint])
  await assert.rejects(signText(text, 'inline', [brief.privateKey], later), {
    status: 500,
    message: /no key can sign: Primary key is expired/,
  })
})
