import { existsSync } from 'node:fs'
import { getuid, version } from 'node:process'
import { configure } from '../app.ts'
import type { Config } from '../config/config.ts'
import { openDatabase } from '../database/open.ts'
import { lookAtCertificate } from '../doctor/certificate.ts'
import { brokenConfiguration, lookAtConfiguration } from '../doctor/configuration.ts'
import { lookAtDatabase } from '../doctor/database.ts'
import { lookAtDirectory, lookAtRoom, lookAtSecretKey } from '../doctor/files.ts'
import { finding, findings, problem, warning, type Finding } from '../doctor/finding.ts'
import { lookAtNode } from '../doctor/node-version.ts'
import { lookThrough } from '../doctor/proxy/look-through.ts'
import { lookAtStorage, lookAtStoreClock } from '../doctor/storage.ts'
import { readSecretKey } from '../lib/secret-key-file.ts'
import { openStore } from '../storage/open.ts'
import { WrongCall, type Command, type Process } from './command.ts'

export const doctor: Command = {
  name: 'doctor',
  summary: 'look for what is wrong with the configuration, the machine, or the proxy in front',
  help: `Looks at the configuration, Node, files and their permissions, the disk, certificates, the database and the storage
that this machine's configuration names. Run it as the user of the server; nothing is changed.

With --url <address> it also asks through that address, where the server must be running, what a proxy in front does to
requests, and names the setting of nginx, Apache or Traefik to change.

Exits with 1 if there is a problem, with 0 if there are at most warnings.

  entrepot doctor --url https://packages.example.com`,
  options: { url: { type: 'string' } },
  async run({ values }, process) {
    const url = values['url'] as string | undefined
    if (url !== undefined && !/^https?:\/\/[^/?#]+[^?#]*$/.test(url)) {
      throw new WrongCall('--url takes an http or https address without a query')
    }
    const found = await lookAtEverything(process, url)
    tell(found, values['json'] === true, process)
    return found.some(({ verdict }) => verdict === 'problem') ? 1 : 0
  },
}

async function lookAtEverything({ env }: Process, url: string | undefined): Promise<Finding[]> {
  const node = lookAtNode(version)
  let config: Config
  try {
    config = configure({ env })
  } catch (error) {
    return [node, ...brokenConfiguration(error)]
  }
  const secretKey = await readableKey(config)
  return [
    node,
    ...lookAtConfiguration(config),
    await finding('data', () => lookAtDirectory(config.data, getuid?.())),
    await finding('secret key', () => lookAtSecretKey(config)),
    ...(await lookAtCertificate(config, Date.now())),
    ...(await databaseFindings(config, secretKey)),
    ...(await storageFindings(config)),
    ...(url === undefined ? [] : await proxyFindings(url, config, secretKey)),
  ]
}

/** What is wrong with it is told where its file is looked at. */
async function readableKey({ secretKey, secretKeyPath }: Config): Promise<string | undefined> {
  try {
    return secretKey ?? readSecretKey(secretKeyPath)
  } catch {
    return undefined
  }
}

async function databaseFindings(config: Config, secretKey: string | undefined): Promise<Finding[]> {
  const place = config.database
  if (place.kind === 'sqlite' && !existsSync(place.path)) {
    return [warning('database', `${place.path} is not there yet: the first start makes it`)]
  }
  const found = await findings('database', async () => {
    const database = await openDatabase(place, { schema: 'as it is' })
    try {
      return await lookAtDatabase(database, secretKey)
    } finally {
      await database.close()
    }
  })
  return place.kind === 'sqlite' ? [...found, await finding('disk', () => lookAtRoom(place.path))] : found
}

async function storageFindings({ packages }: Config): Promise<Finding[]> {
  const { storagePath, objectStore } = packages
  if (!objectStore?.enabled && !existsSync(storagePath)) {
    return [warning('storage', `${storagePath} is not there yet: the first start makes it`)]
  }
  const found = await findings('storage', async () => {
    const blobs = await openStore(packages)
    try {
      return [await finding('storage', () => lookAtStorage(blobs)), ...(await lookAtStoreClock(blobs))]
    } finally {
      await blobs.close()
    }
  })
  return existsSync(storagePath) ? [...found, await finding('disk', () => lookAtRoom(storagePath))] : found
}

async function proxyFindings(url: string, config: Config, secretKey: string | undefined): Promise<Finding[]> {
  const publicUrl = url.replace(/\/+$/, '')
  if (secretKey === undefined) {
    return [
      problem(
        'public URL',
        'cannot be asked without the secret key',
        'run doctor on the machine of the server',
      ),
    ]
  }
  const found = await lookThrough({ publicUrl, secretKey })
  if (config.publicUrlIsDefault || config.publicUrl === publicUrl) return found
  const words = `is ${config.publicUrl}, not ${publicUrl}: links lead there`
  return [warning('public_url', words, 'set it to the address that clients use'), ...found]
}

const signs = { ok: 'ok      ', warning: 'WARNING ', problem: 'PROBLEM ' }

function tell(found: readonly Finding[], asJson: boolean, { out }: Process): void {
  const problems = found.filter(({ verdict }) => verdict === 'problem').length
  const warnings = found.filter(({ verdict }) => verdict === 'warning').length
  if (asJson) return out(JSON.stringify({ problems, warnings, findings: found }))
  const width = Math.max(...found.map(({ about }) => about.length))
  for (const { about, verdict, words, advice = [] } of found) {
    out(`${signs[verdict]} ${about.padEnd(width)}  ${words}`)
    for (const line of advice) out(`${' '.repeat(width + 11)}  -> ${line}`)
  }
  out(`${problems} problems, ${warnings} warnings`)
}
