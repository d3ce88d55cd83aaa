import { X509Certificate, createPrivateKey } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import type { Config } from '../config/config.ts'
import { finding, ok, problem, warning, type Finding } from './finding.ts'

const day = 86_400_000
const soonDays = 21

/** The server's own certificate; nothing where a proxy has it. */
export async function lookAtCertificate({ tls, publicUrl }: Config, now: number): Promise<Finding[]> {
  if (!tls) return []
  return [
    await finding('tls', async () => {
      const certificate = new X509Certificate(await readFile(tls.cert))
      const key = createPrivateKey(await readFile(tls.key))
      if (!certificate.checkPrivateKey(key)) {
        return problem(
          'tls',
          `${tls.key} is not the key of the certificate ${tls.cert}`,
          'set the two that belong together',
        )
      }
      return judge(certificate, new URL(publicUrl).hostname, now)
    }),
  ]
}

function judge(certificate: X509Certificate, host: string, now: number): Finding {
  const until = Date.parse(certificate.validTo)
  const date = new Date(until).toISOString().slice(0, 10)
  if (until < now) return problem('tls', `the certificate ran out on ${date}`, 'renew it')
  if (Date.parse(certificate.validFrom) > now) return problem('tls', 'the certificate is not valid yet')
  const plain = host.replaceAll(/[[\]]/g, '')
  const isFor = isIP(plain) ? certificate.checkIP(plain) : certificate.checkHost(plain)
  if (!isFor) {
    return problem(
      'tls',
      `the certificate is not for ${host}, the host of public_url`,
      'get one for that name',
    )
  }
  const left = Math.floor((until - now) / day)
  if (left < soonDays)
    return warning('tls', `the certificate runs out in ${left} days, on ${date}`, 'renew it')
  return ok('tls', `good until ${date}`)
}
