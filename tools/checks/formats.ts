import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { formatFolders } from './names.ts'
import type { Outcome } from './outcome.ts'
import { repositoryFiles, root } from './repository.ts'

const needed = ['index.ts', 'icon.svg', 'README.md', 'samples.ts']

/** Every format's folder is complete and registered in src/formats/index.ts, and nothing else is. */
export async function checkFormats(): Promise<Outcome> {
  const files = repositoryFiles()
  const folders = formatFolders(files)
  const missing = folders.flatMap((folder) => needed.map((file) => `src/formats/${folder}/${file}`))
  const problems = missing.filter((path) => !files.includes(path)).map((path) => `${path} is missing`)
  const registered = await registeredFormats()
  for (const folder of folders) {
    if (!registered.includes(folder)) problems.push(`${folder} is not registered in src/formats/index.ts`)
  }
  for (const id of registered) {
    if (!folders.includes(id)) problems.push(`the format ${id} does not stand in a folder of its own name`)
  }
  if (new Set(registered).size < registered.length) problems.push('a format is registered twice')
  const counted = registered.map((id) => `${id} ${linesOf(files, id)} lines`)
  return { problems, note: counted.join(', ') }
}

/** What is there for tests alone. */
const forTests = /\.(test|suite|testing)\.ts$|\/(samples?|sample-[^/]*|fake-[^/]*|access-cases)\.ts$/

/** How much code a format is: its tests and samples apart. */
function linesOf(files: readonly string[], id: string): number {
  const code = files.filter((file) => file.startsWith(`src/formats/${id}/`) && file.endsWith('.ts'))
  return code
    .filter((file) => !forTests.test(file))
    .reduce((sum, file) => sum + readFileSync(join(root, file), 'utf8').split('\n').length - 1, 0)
}

async function registeredFormats(): Promise<string[]> {
  const index = join(root, 'src', 'formats', 'index.ts')
  if (!existsSync(index)) return []
  const module = (await import(pathToFileURL(index).href)) as { formats: readonly { id: string }[] }
  return module.formats.map(({ id }) => id)
}
