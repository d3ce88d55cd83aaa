import { readFileSync } from 'node:fs'
import { getCACertificates } from 'node:tls'
import type { EgressConfig } from '../../config/config.ts'
import { StartRefused } from '../../lib/start-refused.ts'
import { createEgress, type Egress } from './egress.ts'

/** The client as configured. Throws StartRefused where the file of certificate authorities cannot be read. */
export function configuredEgress({ ca, ...options }: EgressConfig): Egress {
  return createEgress({ ...options, ca: ca === undefined ? undefined : authorities(ca) })
}

function authorities(path: string): string[] {
  try {
    return [...getCACertificates('default'), readFileSync(path, 'utf8')]
  } catch (error) {
    throw new StartRefused(`config: egress.ca: cannot read ${path}: ${(error as Error).message}`)
  }
}
