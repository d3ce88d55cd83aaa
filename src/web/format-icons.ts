import { readFile } from 'node:fs/promises'

const plainBox = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.6" stroke-linejoin="round"><rect x="4" y="4" width="16" height="16" rx="3"/></svg>`

/** Reads every format's icon.svg once; where one has none, a plain box stands for it. */
export async function createFormatIcons(ids: readonly string[]): Promise<(id: string) => string> {
  const icons = new Map<string, string>()
  for (const id of ids) {
    const file = new URL(`../formats/${id}/icon.svg`, import.meta.url)
    icons.set(id, await readFile(file, 'utf8').catch(() => plainBox))
  }
  return (id) => icons.get(id) ?? plainBox
}
