/** Our server as a process whose time is measured, let out to one registry. */
import { mkdir } from 'node:fs/promises'
import { lookup } from 'node:dns/promises'
import { startOurs, type OurServer } from '../../../bench/servers.ts'
import { isSpecialAddress } from '../../../src/lib/special-addresses.ts'
import type { RealProject } from './project.ts'

/** What the server has to be told so that it reaches the registry: mirrors stand in networks of their own. */
export async function allowed(project: RealProject): Promise<Record<string, string>> {
  const { hostname } = new URL(await project.address())
  const found = await lookup(hostname, { all: true })
  const special = found.filter(({ address }) => isSpecialAddress(address))
  const networks = special.map(({ address, family }) => `${address}/${family === 4 ? 32 : 128}`)
  const ca = await project.authorities()
  return {
    ...(networks.length > 0 ? { ENTREPOT_EGRESS__ALLOW: networks.join(', ') } : {}),
    ...(ca === undefined ? {} : { ENTREPOT_EGRESS__CA: ca }),
  }
}

/** Starts it with new data. */
export async function startMeasured(
  place: string,
  settings: Readonly<Record<string, string>>,
): Promise<OurServer> {
  await mkdir(place, { recursive: true })
  const before = { ...process.env }
  Object.assign(process.env, settings)
  try {
    return await startOurs(place, undefined)
  } finally {
    for (const name of Object.keys(settings)) delete process.env[name]
    Object.assign(process.env, before)
  }
}
