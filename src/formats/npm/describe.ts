/** What the package page and search show. */
import type { Description, PackageView } from '../format.ts'
import { isObject, objectOf, textOf, textsOf, type JsonObject } from './json-values.ts'
import { parseManifest, type NpmModels } from './manifest.ts'

const groups = ['dependencies', 'peerDependencies', 'optionalDependencies', 'devDependencies']

export function describe(pkg: PackageView<NpmModels>): Description {
  const manifest = parseManifest(pkg.metadata)
  return {
    name: pkg.name,
    version: pkg.version,
    ...defined({
      summary: textOf(manifest.description),
      readme: pkg.metadata.readme,
      license: textOf(manifest.license) ?? textOf(objectOf(manifest.license).type),
    }),
    links: linksOf(manifest),
    keywords: textsOf(manifest.keywords),
    dependencies: groups.flatMap((group) => dependenciesOf(manifest, group)),
    facts: factsOf(manifest),
  }
}

function defined<T extends object>(properties: T): { [K in keyof T]?: NonNullable<T[K]> } {
  const entries = Object.entries(properties).filter(([, value]) => value !== undefined)
  return Object.fromEntries(entries) as { [K in keyof T]?: NonNullable<T[K]> }
}

function dependenciesOf(manifest: JsonObject, group: string) {
  return Object.entries(objectOf(manifest[group])).map(([name, range]) => ({
    group,
    name,
    range: textOf(range) ?? '*',
  }))
}

function linksOf(manifest: JsonObject): Readonly<Record<string, string>> {
  const { homepage, repository, bugs } = manifest
  const links: Record<string, string> = {}
  for (const [label, value] of Object.entries({ homepage, repository, bugs })) {
    const url = webUrl(isObject(value) ? value.url : value)
    if (url !== undefined) links[label] = url
  }
  return links
}

/** An address to click on: `git+https://` and `git://` are read as https; anything that is not http(s) is left out. */
function webUrl(value: unknown): string | undefined {
  const text = textOf(value)
    ?.replace(/^git\+(?=https?:)/, '')
    .replace(/^git:\/\//, 'https://')
  if (text === undefined || !/^https?:\/\//.test(text) || !URL.canParse(text)) return undefined
  return text.replace(/\.git$/, '')
}

function factsOf(manifest: JsonObject): readonly { label: string; value: string }[] {
  const facts = {
    Author: personOf(manifest.author),
    'Published by': textOf(objectOf(manifest._npmUser).name),
    Node: textOf(objectOf(manifest.engines).node),
    'Module type': textOf(manifest.type),
    'Install script': manifest.hasInstallScript === true ? 'yes' : undefined,
  }
  return Object.entries(facts).flatMap(([label, value]) => (value === undefined ? [] : [{ label, value }]))
}

function personOf(person: unknown): string | undefined {
  return textOf(person) ?? textOf(objectOf(person).name)
}
