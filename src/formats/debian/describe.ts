/** What the package page and search show. */
import type { Description, PackageView } from '../format.ts'
import { valueOf } from './control.ts'
import { binaryKinds, type DebianModels, type Kind } from './models.ts'

/** What people install tells most; a source package by itself has no description. */
const telling: readonly Kind[] = [...binaryKinds, 'dsc']

export function describe({ name, version, files }: PackageView<DebianModels>): Description {
  const main = telling.flatMap((kind) => files.find(({ metadata }) => metadata.kind === kind) ?? [])[0]
  const field = (wanted: string) => valueOf(main?.metadata.fields ?? [], wanted)
  const [summary, ...rest] = (field('Description') ?? '').split('\n')
  return {
    name,
    version,
    ...(summary && { summary: summary.trim() }),
    ...(rest.length > 0 && { readme: readmeOf(rest) }),
    links: linksOf({ Homepage: field('Homepage'), 'Vcs-Browser': field('Vcs-Browser') }),
    dependencies: groups.flatMap((group) => dependenciesOf(group, field(group) ?? '')),
    facts: factsOf(files, field),
  }
}

const groups = [
  'Pre-Depends',
  'Depends',
  'Recommends',
  'Build-Depends',
  'Build-Depends-Arch',
  'Build-Depends-Indep',
]

/** Each line begins with a space; a dot alone stands for an empty one (Debian Policy, "Description"). */
const readmeOf = (lines: readonly string[]) =>
  lines.map((line) => line.replace(/^ /, '').replace(/^\.\s*$/, '')).join('\n')

function linksOf(urls: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(urls).flatMap(([label, url = '']) =>
      /^https?:\/\//.test(url) && URL.canParse(url) ? [[label, url]] : [],
    ),
  )
}

/** That are told of a field, and alternatives of each. */
const most = { relations: 1000, alternatives: 50 }

/** `debconf (>= 0.5) | debconf-2.0, libc6:any`: alternatives are told as one. */
function dependenciesOf(group: string, text: string) {
  const relations = text.split(',', most.relations).map((relation) => relation.trim())
  return relations
    .filter((relation) => relation !== '')
    .map((relation) => {
      const all = relation.split('|', most.alternatives).map((alternative) => alternative.trim())
      const ranges = all.map((alternative) => /\(([^()]*)\)/.exec(alternative)?.[1]?.trim() ?? '*')
      return {
        group,
        name: all.map((alternative) => alternative.replace(/[\s([<].*$/s, '')).join(' | '),
        range: ranges.every((range) => range === '*') ? '*' : ranges.join(' | '),
      }
    })
}

function factsOf(
  files: PackageView<DebianModels>['files'],
  field: (name: string) => string | undefined,
): readonly { label: string; value: string }[] {
  const each = (of: (file: DebianModels['file']) => string | undefined) =>
    [...new Set(files.flatMap(({ metadata }) => of(metadata) ?? []))].toSorted().join(', ') || undefined
  const size = field('Installed-Size')
  const facts = {
    Suites: each(({ distribution, component }) => `${distribution}/${component}`),
    Architecture: each(({ architecture }) => architecture),
    Section: field('Section') ?? files.find(({ metadata }) => metadata.section)?.metadata.section,
    Priority: field('Priority'),
    'Installed size': size === undefined ? undefined : `${size} KiB`,
    Maintainer: field('Maintainer'),
    Source: field('Source'),
  }
  return Object.entries(facts).flatMap(([label, value]) => (value === undefined ? [] : [{ label, value }]))
}
