/** Where Maven on this machine gets packages from: its central repository, or the mirror that stands for it. */
import { stripVTControlCharacters } from 'node:util'
import { Problem } from '../../lib/problem.ts'
import { readXml } from '../../lib/xml.ts'
import type { ClientMachine } from '../format.ts'

/** A plugin that nobody has: Maven says where it would look for it. */
const nothing = 'invalid.entrepot:none:1:none'

interface Entry {
  readonly id: string
  readonly url: string
}

/**
 * Asks mvn, which alone knows about all its settings: without the network (`-o`), and without failing (`-fn`). Where there
 * is no mvn, or it leaves open which of several addresses is meant, the mirrors in the user's settings decide.
 */
export async function clientAddress(machine: ClientMachine): Promise<string | undefined> {
  const printed = await machine.run('mvn', '-X', '-B', '-o', '-N', '-fn', nothing)
  const told = addressesIn(printed ?? '')
  const address = told.sure ?? (await mirrorOfCentral(machine)) ?? told.likely
  return address && isWebAddress(address) ? address : undefined
}

/** What Maven 3 and 4 print in debug mode. */
function addressesIn(printed: string): { sure?: string; likely?: string } {
  const text = stripVTControlCharacters(printed)
  const mirror = /Using mirror \S+ \(([^\s()]+)\) for central \(/.exec(text)?.[1]
  if (mirror) return { sure: mirror }
  const list = /Resolving artifact invalid\.entrepot:\S+ from \[([^\n]*)\]/.exec(text)?.[1] ?? ''
  const entries: Entry[] = [...list.matchAll(/([^\s,]+) \(([^\s,]+), ([^()\n]*)\)/g)].flatMap(
    ([, id = '', url = '', policy = '']) => (policy.includes('blocked') ? [] : [{ id, url }]),
  )
  const central =
    entries.find(({ id }) => id === 'central') ?? (entries.length === 1 ? entries[0] : undefined)
  // Maven's own repositories come behind those of the settings
  return { sure: central?.url, likely: entries.at(-1)?.url }
}

async function mirrorOfCentral(machine: ClientMachine): Promise<string | undefined> {
  const settings = await machine.read('~/.m2/settings.xml')
  const mirrors = settings === undefined ? [] : await readMirrors(settings)
  const usable = mirrors.filter(({ url = '', blocked }) => isWebAddress(url) && blocked !== 'true')
  const exact = usable.find(({ mirrorOf }) => mirrorOf === 'central')
  return (exact ?? usable.find(({ mirrorOf = '' }) => coversCentral(mirrorOf)))?.url
}

type Mirror = Partial<Record<string, string>>

/** None where the file cannot be read: Maven itself refuses it then. */
async function readMirrors(settings: string): Promise<Mirror[]> {
  const mirrors: Mirror[] = []
  let mirror: Mirror = {}
  const element = (path: string, text: string) => {
    if (path === 'settings/mirrors/mirror') {
      mirrors.push(mirror)
      mirror = {}
    } else if (path.startsWith('settings/mirrors/mirror/'))
      mirror[path.slice(path.lastIndexOf('/') + 1)] = text
  }
  try {
    await readXml('settings.xml', Buffer.from(settings), { element })
    return mirrors
  } catch (error) {
    if (error instanceof Problem) return []
    throw error
  }
}

/** "Using Mirrors for Repositories", "Advanced Mirror Specification": what is left out wins. */
function coversCentral(mirrorOf: string): boolean {
  const patterns = mirrorOf.split(',').map((pattern) => pattern.trim())
  return (
    !patterns.includes('!central') && patterns.some((each) => ['*', 'external:*', 'central'].includes(each))
  )
}

function isWebAddress(address: string): boolean {
  return /^https?:\/\/[^\s$]+$/i.test(address) && URL.canParse(address)
}
