/**
 * Attestations (PEP 740, "Index support for digital attestations"): sent with a file, kept with it and handed out as its
 * provenance. That they are about this very file is checked here; signatures and identities are for those who rely on them.
 */
import { invalid, tooLarge } from '../../lib/problem.ts'
import { isObject } from './models.ts'

type Json = Readonly<Record<string, unknown>>
export const integrityType = 'application/vnd.pypi.integrity.v1+json'
const maxText = 1024 * 1024
const maxAttestations = 2
const statementType = 'https://in-toto.io/Statement/v1'

/** The attestations of a form's field; undefined: there are none. Throws 400 for what is none, or is about another file. */
export function attestationsOf(
  text: string | undefined,
  fileName: string,
  sha256: string,
): readonly Json[] | undefined {
  if (text === undefined) return undefined
  if (text.length > maxText) throw tooLarge(`the attestations are longer than ${maxText} characters`)
  const list = parse(text, 'the field attestations')
  if (!Array.isArray(list) || list.length === 0 || list.length > maxAttestations)
    throw invalid(`the field attestations must be a list of 1 to ${maxAttestations} attestations`)
  const types = list.map((attestation) => checkAttestation(attestation, fileName, sha256))
  if (new Set(types).size < types.length) throw invalid('there are two attestations of one kind')
  return list as readonly Json[]
}

function parse(text: string, what: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw invalid(`${what} is not JSON`)
  }
}

/** Returns what kind of statement it makes. */
function checkAttestation(attestation: unknown, fileName: string, sha256: string): unknown {
  if (!isObject(attestation) || attestation['version'] !== 1)
    throw invalid('an attestation is not of version 1')
  const { envelope, verification_material: material } = attestation
  if (!isObject(envelope) || !isObject(material) || typeof material['certificate'] !== 'string')
    throw invalid('an attestation has no envelope, or no certificate')
  if (!Array.isArray(material['transparency_entries']) || !isBase64(envelope['signature']))
    throw invalid('an attestation has no transparency entries, or no signature')
  if (!isBase64(envelope['statement'])) throw invalid('an attestation has no statement')
  const statement = parse(
    Buffer.from(envelope['statement'], 'base64').toString(),
    'the statement of an attestation',
  )
  if (
    !isObject(statement) ||
    statement['_type'] !== statementType ||
    typeof statement['predicateType'] !== 'string'
  )
    throw invalid('the statement of an attestation is not of in-toto, or says not what it is')
  const subjects = statement['subject']
  const [subject] = Array.isArray(subjects) ? (subjects as readonly unknown[]) : []
  const isAbout =
    (subjects as readonly unknown[]).length === 1 &&
    isObject(subject) &&
    subject['name'] === fileName &&
    isObject(subject['digest']) &&
    subject['digest']['sha256'] === sha256
  if (!isAbout) throw invalid(`an attestation is not about ${fileName} with these bytes`)
  return statement['predicateType']
}

const isBase64 = (value: unknown): value is string =>
  typeof value === 'string' && value !== '' && /^[A-Za-z0-9+/]*={0,2}$/.test(value)

/** The provenance object that is served: who published is as we know it, not as a certificate says. */
export function provenanceOf(attestations: readonly Json[], username: string | undefined): string {
  const publisher = { kind: 'Entrepot', claims: null, username: username ?? null }
  return JSON.stringify({ version: 1, attestation_bundles: [{ publisher, attestations }] })
}
