/** An attestation for tests: of the right form, signed by nobody. */
import { sha256 } from './sample-archives.ts'

export function sampleAttestation(fileName: string, content: Uint8Array, more: object = {}): object {
  const statement = {
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ name: fileName, digest: { sha256: sha256(content) } }],
    predicateType: 'https://example.com/attestations/publish/v1',
    predicate: null,
    ...more,
  }
  return {
    version: 1,
    verification_material: { certificate: 'MAA=', transparency_entries: [] },
    envelope: { statement: Buffer.from(JSON.stringify(statement)).toString('base64'), signature: 'MAA=' },
  }
}
