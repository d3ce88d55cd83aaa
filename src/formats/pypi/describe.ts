/** What the package page and search show. */
import type { Description, PackageView } from '../format.ts'
import { labelledUrls } from './json-api.ts'
import { textOf, textsOf, type CoreMetadata, type PypiModels } from './models.ts'

export function describe({ name, version, metadata: { metadata } }: PackageView<PypiModels>): Description {
  const text = (field: string) => textOf(metadata, field)
  return {
    name,
    version,
    summary: text('summary'),
    readme: text('description'),
    license: text('license_expression') ?? text('license')?.split('\n', 1)[0],
    links: linksOf(metadata),
    keywords: text('keywords')
      ?.split(/[,\s]+/)
      .filter((word) => word !== ''),
    dependencies: textsOf(metadata, 'requires_dist').map(dependencyOf),
    facts: factsOf(metadata),
  }
}

function linksOf(metadata: CoreMetadata): Readonly<Record<string, string>> {
  const all = [['Homepage', textOf(metadata, 'home_page') ?? ''] as const, ...labelledUrls(metadata)]
  return Object.fromEntries(
    all.filter(([label, url]) => label && /^https?:\/\//.test(url) && URL.canParse(url)),
  )
}

/** `requests[socks] (>=2); extra == "net"`: what follows the name is a range, what follows ';' a condition. */
function dependencyOf(requirement: string) {
  const [what = '', condition] = requirement.split(/;(.*)/s).map((text) => text.trim())
  const [, name = what, range = ''] = /^([A-Za-z0-9][\w.-]*(?:\s*\[[^\]]*\])?)\s*(.*)$/s.exec(what) ?? []
  return {
    name,
    range: range.replace(/^\((.*)\)$/s, '$1').trim() || '*',
    ...(condition && { group: condition }),
  }
}

function factsOf(metadata: CoreMetadata): readonly { label: string; value: string }[] {
  const facts = {
    Python: textOf(metadata, 'requires_python'),
    Author: textOf(metadata, 'author') ?? textOf(metadata, 'author_email'),
    Maintainer: textOf(metadata, 'maintainer') ?? textOf(metadata, 'maintainer_email'),
    Extras: textsOf(metadata, 'provides_extra').join(', ') || undefined,
    'Metadata version': textOf(metadata, 'metadata_version'),
  }
  return Object.entries(facts).flatMap(([label, value]) => (value === undefined ? [] : [{ label, value }]))
}
