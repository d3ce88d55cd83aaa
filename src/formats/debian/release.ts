/** The text of a suite's Release file (Debian's "Repository Format", "Release files"). */
import type { StoredSettings } from './models.ts'

export interface ReleaseFacts {
  readonly codename: string
  readonly alias: string | undefined
  readonly settings: StoredSettings | undefined
  readonly date: Date
  readonly components: readonly string[]
  readonly architectures: readonly string[]
  readonly files: readonly { readonly path: string; readonly size: number; readonly sha256: string }[]
}

export function releaseText({ codename, alias, settings, date, ...facts }: ReleaseFacts): string {
  const { validSeconds, automatic = true, automaticUpgrades = false } = settings ?? {}
  const { architectures, components, files } = facts
  const until = validSeconds === undefined ? undefined : new Date(date.getTime() + validSeconds * 1000)
  const fields = {
    Origin: settings?.origin,
    Label: settings?.label,
    Suite: alias ?? codename,
    Version: settings?.version,
    Codename: codename,
    Date: time(date),
    'Valid-Until': until && time(until),
    NotAutomatic: automatic ? undefined : 'yes',
    ButAutomaticUpgrades: !automatic && automaticUpgrades ? 'yes' : undefined,
    'Acquire-By-Hash': 'yes',
    // Where there is nothing but `all`, its own list is what clients of every architecture read.
    'No-Support-for-Architecture-all': architectures.some((one) => one !== 'all') ? 'Packages' : undefined,
    Architectures: architectures.join(' '),
    Components: components.join(' '),
    Description: settings?.description,
  }
  const head = Object.entries(fields).flatMap(([name, value]) =>
    value === undefined ? [] : `${name}: ${value}\n`,
  )
  const listed = files.map(({ path, size, sha256 }) => ` ${sha256} ${size} ${path}\n`)
  return `${head.join('')}SHA256:\n${listed.join('')}`
}

/** `Sat, 02 Jul 2016 05:20:50 UTC`. */
const time = (date: Date) => date.toUTCString().replace('GMT', 'UTC')
