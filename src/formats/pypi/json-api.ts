/** The JSON API of a project and of a release: `/pypi/<name>/json` and `/pypi/<name>/<version>/json`. */
import { notFound } from '../../lib/problem.ts'
import { inTurns } from '../../lib/turn.ts'
import type { Links, NameDocument, PackageView, ReadCall, Reply } from '../format.ts'
import { textOf, textsOf, type CoreMetadata, type PypiModels } from './models.ts'
import { readName } from './names.ts'
import { projectLink } from './simple.ts'
import { shownFiles, type ShownFile } from './shown-files.ts'
import { isPrerelease } from './versions.ts'

const texts = [
  'author',
  'author_email',
  'description',
  'description_content_type',
  'download_url',
  'home_page',
  'keywords',
  'license',
  'license_expression',
  'maintainer',
  'maintainer_email',
  'metadata_version',
  'requires_python',
  'summary',
]
const lists = ['classifiers', 'dynamic', 'license_files', 'platform', 'provides_extra', 'requires_dist']

/** All releases, with what the newest one says. A quarantined project has none. */
export const project: NameDocument<PypiModels> = {
  of: 'name',
  async encode({ packages, metadata }, { links }) {
    const newest = newestOf(packages)
    if (!newest || metadata?.status === 'quarantined') return undefined
    const releases = await inTurns(
      packages,
      (pkg, at = pkg.version) =>
        `${JSON.stringify(at)}:${JSON.stringify(shownFiles(pkg, links).map(fileJson))}`,
    )
    const head = JSON.stringify(releaseJson(newest, links)).slice(0, -1)
    const body = [`${head},"releases":{`, ...releases.map((text, at) => (at === 0 ? text : `,${text}`)), '}}']
    return [{ path: '', contentType: 'application/json', body }]
  },
}

/** The highest that is neither yanked nor a pre-release, or else what there is. */
function newestOf(packages: readonly PackageView<PypiModels>[]): PackageView<PypiModels> | undefined {
  const offered = packages.filter(({ standing }) => standing?.kind !== 'withdrawn')
  return offered.findLast(({ version }) => !isPrerelease(version)) ?? offered.at(-1) ?? packages.at(-1)
}

/** `GET /pypi/:name/json`. */
export function readProjectJson({ params }: ReadCall<PypiModels>): Reply {
  return { document: ['project', nameOf(params)] }
}

/** `GET /pypi/:name/:version/json`. */
export async function readReleaseJson({ registry, params, links }: ReadCall<PypiModels>): Promise<Reply> {
  const name = nameOf(params)
  const pkg = await registry.get(name, params['version'] ?? '')
  if (!pkg) throw notFound('404 Package Not Found')
  return { json: releaseJson(pkg, links) }
}

function nameOf(params: Readonly<Record<string, string>>): string {
  const name = readName(params['name'] ?? '')
  if (name === undefined) throw notFound('404 Package Not Found')
  return name
}

function releaseJson(pkg: PackageView<PypiModels>, links: Links): object {
  return {
    info: infoOf(pkg, links),
    last_serial: pkg.id,
    urls: shownFiles(pkg, links).map(fileJson),
    vulnerabilities: [],
  }
}

function infoOf(
  { name, version, standing, metadata: { metadata } }: PackageView<PypiModels>,
  links: Links,
): object {
  const url = projectLink(links, readName(name) ?? name)
  const isYanked = standing?.kind === 'withdrawn'
  return {
    name,
    version,
    ...Object.fromEntries(texts.map((field) => [field, textOf(metadata, field) ?? null])),
    ...Object.fromEntries(lists.map((field) => [field, listOrNull(metadata, field)])),
    classifiers: textsOf(metadata, 'classifiers'),
    project_urls: projectUrls(metadata),
    package_url: url,
    project_url: url,
    release_url: url,
    yanked: isYanked,
    yanked_reason: isYanked ? (standing.reason ?? null) : null,
  }
}

function listOrNull(metadata: CoreMetadata, field: string): readonly string[] | null {
  const values = textsOf(metadata, field)
  return values.length === 0 ? null : values
}

function projectUrls(metadata: CoreMetadata): Readonly<Record<string, string>> | null {
  const urls = labelledUrls(metadata)
  return urls.length === 0 ? null : Object.fromEntries(urls)
}

/** `Label, https://...` */
export function labelledUrls(metadata: CoreMetadata): readonly (readonly [label: string, url: string])[] {
  return textsOf(metadata, 'project_urls').flatMap((text) => {
    const comma = text.indexOf(',')
    return comma < 1 ? [] : [[text.slice(0, comma).trim(), text.slice(comma + 1).trim()] as const]
  })
}

function fileJson(file: ShownFile): object {
  const time = file.uploadedAt.toISOString()
  return {
    filename: file.fileName,
    url: file.url,
    digests: { ...(file.md5 !== undefined && { md5: file.md5 }), sha256: file.sha256 },
    md5_digest: file.md5 ?? null,
    packagetype: file.kind === 'wheel' ? 'bdist_wheel' : 'sdist',
    python_version: file.pythonVersion,
    requires_python: file.requiresPython ?? null,
    size: file.size,
    upload_time: time.slice(0, 19),
    upload_time_iso_8601: time,
    has_sig: false,
    yanked: file.yanked !== undefined,
    yanked_reason: file.yanked === undefined || file.yanked === '' ? null : file.yanked,
  }
}
