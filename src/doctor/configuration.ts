import type { Config } from '../config/config.ts'
import { ConfigError } from '../config/config-error.ts'
import { ok, problem, warning, type Finding } from './finding.ts'

const about = 'configuration'

/** One finding for each thing that is wrong with a configuration that could not be read. Throws anything else on. */
export function brokenConfiguration(error: unknown): Finding[] {
  if (!(error instanceof ConfigError)) throw error
  return error.problems.map((words) => problem(about, words))
}

/** What is allowed and yet hardly meant. */
export function lookAtConfiguration(config: Config): Finding[] {
  const found = [ok(about, config.file ?? 'no file: defaults and environment')]
  const url = new URL(config.publicUrl)
  const isPublic = !isLoopback(url.hostname)
  if (config.publicUrlIsDefault && !isLoopback(hostOf(config.listen))) {
    found.push(
      warning(
        'public_url',
        'is not set: links carry the address of `listen`',
        'set public_url to what clients use',
      ),
    )
  }
  if (isPublic && url.protocol === 'http:') {
    found.push(
      warning(
        'public_url',
        `${config.publicUrl} is not encrypted: tokens can be read on the way`,
        'use https, by tls.cert and tls.key or by a proxy in front',
      ),
    )
  }
  if (isPublic && url.protocol === 'https:' && !config.tls && config.http.trustedProxies.length === 0) {
    found.push(
      warning(
        'http.trusted_proxies',
        'is empty, though something in front serves https: all callers count as one address',
        'name the addresses of the proxy',
      ),
    )
  }
  return found
}

const hostOf = (listen: string) => listen.replace(/:\d+$/, '').replaceAll(/[[\]]/g, '')

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host === '[::1]' || host.startsWith('127.')
}
