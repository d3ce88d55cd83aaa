import { makeProbeToken } from '../../core/access/probe-token.ts'
import type { Finding } from '../finding.ts'
import { createAsker } from './ask.ts'
import { proxyChecks, reachCheck, type Through } from './checks.ts'

const largeBytes = 100_000_000

export interface LookThroughOptions {
  readonly publicUrl: string
  /** The server's: it answers probes that are signed with it. */
  readonly secretKey: string
  readonly largeBytes?: number
}

/** Asks through the public URL what reaches the server. If nothing does, there is one finding. */
export async function lookThrough(options: LookThroughOptions): Promise<Finding[]> {
  const through: Through = {
    asker: createAsker(options.publicUrl, makeProbeToken(options.secretKey, Date.now())),
    publicUrl: new URL(options.publicUrl),
    largeBytes: options.largeBytes ?? largeBytes,
  }
  const found = [await reachCheck.look(through)]
  if (found[0]!.verdict === 'problem') return found
  for (const check of proxyChecks) found.push(await check.look(through))
  return found
}
