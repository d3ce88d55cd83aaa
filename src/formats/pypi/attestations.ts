/**
 * Attestations (PEP 740, "Index support for digital attestations"): sent with a file, kept with it and handed out as its
 * provenance. That they are about this very file is checked here; signatures and identities are for those who rely on them.
 */
import { invalid, tooLarge } from '../../lib/problem.ts'
import { isObject } from './models.ts'
import { decodeUtf8, parseJson } from './texts.ts'

export const integrityType = 'application/vnd.pypi.integrity.v1+json'
const maxText = 1024 * 1024
const maxAttestations = 2
const statementType = 'https://in-toto.io/Statement/v1'

/** Throws 400 unless the text is a list of attestations about these bytes under this file name, 413 if it is too long. */
export function checkAttestations(text: string, fileName: string, sha256: string): void {
  if (text.length > maxText) throw tooLarge(`the attestations are longer than ${maxText} characters`)
  const list = parseJson('the field attestations', text)
  if (!Array.isArray(list) || list.length === 0 || list.length > maxAttestations)
    throw invalid(`the field attestations must be a list of 1 to ${maxAttestations} attestations`)
  const types = list.map((attestation) => predicateType(attestation, fileName, sha256))
  if (new Set(types).size < types.length) throw invalid('there are two attestations of one kind')
}

/** What kind of statement it makes. */
function predicateType(attestation: unknown, fileName: string, sha256: string): string {
  if (!isObject(attestation) || attestation['version'] !== 1)
    throw invalid('an attestation is not of version 1')
  const { envelope, verification_material: material } = attestation
  if (!isObject(envelope) || !isObject(material) || typeof material['certificate'] !== 'string')
    throw invalid('an attestation has no envelope, or no certificate')
  if (!Array.isArray(material['transparency_entries']) || !isBase64(envelope['signature']))
    throw invalid('an attestation has no transparency entries, or no signature')
  if (!isBase64(envelope['statement'])) throw invalid('an attestation has no statement')
  const what = 'the statement of an attestation'
  const statement = parseJson(what, decodeUtf8(what, Buffer.from(envelope['statement'], 'base64')))
  if (!isObject(statement) || statement['_type'] !== statementType) throw invalid(`${what} is not of in-toto`)
  const type = statement['predicateType']
  if (typeof type !== 'string') throw invalid(`${what} says not what it is`)
  if (!isAbout(statement['subject'], fileName, sha256))
    throw invalid(`an attestation is not about ${fileName} with these bytes`)
  return type
}

function isAbout(subjects: unknown, fileName: string, sha256: string): boolean {
  const [subject, ...others] = Array.isArray(subjects) ? (subjects as readonly unknown[]) : []
  if (!isObject(subject) || others.length > 0) return false
  const digest = subject['digest']
  return subject['name'] === fileName && isObject(digest) && digest['sha256'] === sha256
}

const isBase64 = (value: unknown): value is string =>
  typeof value === 'string' && /^[A-Za-z0-9+/]+={0,2}$/.test(value)

/**
 * The provenance object that is served, around the text that was checked: it may be nested deeper than can be written
 * anew. Who published is as we know it, not as a certificate says.
 */
export function provenanceOf(attestations: string, username: string | undefined): string {
  const publisher = JSON.stringify({ kind: 'Entrepot', claims: null, username: username ?? null })
  return `{"version":1,"attestation_bundles":[{"publisher":${publisher},"attestations":${attestations}}]}`
}
