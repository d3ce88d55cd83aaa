/** What `group create` and `project create` have in common. */
import { WrongCall, type Arguments } from './command.ts'

export const ownerOptions = {
  name: { type: 'string' },
  visibility: { type: 'string' },
  description: { type: 'string' },
} as const

const visibilities = ['private', 'internal', 'public']

/** Where it goes and what it is called: `acme/web` is `web` in `acme`. */
export function ownerWish({ values, positionals }: Arguments) {
  const fullPath = positionals[0]!.replace(/^\/+|\/+$/g, '')
  const at = fullPath.lastIndexOf('/')
  const path = fullPath.slice(at + 1)
  const { name = path, visibility = 'private', description } = values as Record<string, string | undefined>
  if (!visibilities.includes(visibility)) {
    throw new WrongCall(`--visibility is ${visibilities.join(', ')}, not ${visibility}`)
  }
  const parent = at < 0 ? undefined : fullPath.slice(0, at)
  return { parent, body: { name, path, visibility, ...(description === undefined ? {} : { description }) } }
}
