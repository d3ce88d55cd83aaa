/** What suites, their components and architectures may be called. */
import { matching } from '../handlers.ts'
import { invalid } from '../../lib/problem.ts'
import { isArchitecture } from './names.ts'
import { isSuite } from './source-files.ts'

const componentRule = matching('component', /^[a-z0-9][a-z0-9._-]*$/i, 100)

/** A codename or an alias: `bookworm`, `bookworm/updates`. Throws 400. */
export function checkSuite(name: string): string {
  if (isSuite(name)) return name
  throw invalid(
    `distribution ${JSON.stringify(name.slice(0, 100))} is not allowed: at most 100 letters, digits and '+-._~' (ASCII), and slashes between names that begin with a letter or digit`,
  )
}

/** What folders in a component are called. */
const folders = /^(?:debian-installer|source|by-hash|binary-.*)$/i

/** `main`, `non-free-firmware`. Throws 400. */
export function checkComponent(name: string): string {
  if (folders.test(name)) throw invalid(`no component may be called ${name.slice(0, 100)}`)
  return componentRule(name)
}

/** One that packages are built for, or `all`: not `source`, not a wildcard. Throws 400. */
export function checkArchitecture(name: string): string {
  if (isArchitecture(name) && name !== 'source' && !/(?:^|-)any(?:-|$)/.test(name)) return name
  throw invalid(`${JSON.stringify(name.slice(0, 100))} is no architecture that packages are built for`)
}
