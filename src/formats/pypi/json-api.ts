/** The JSON API of a project and of a release: `/pypi/<name>/json` and `/pypi/<name>/<version>/json`. */
import { inTurns } from '../../lib/turn.ts'
import type { Links, NameDocument, PackageView, ReadCall, Reply } from '../format.ts'
import { readFileName } from './file-names.ts'
import { commaSeparated, listMember, opened } from './json-pieces.ts'
import { singleFields, textOf, textsOf, type CoreMetadata, type PypiModels } from './models.ts'
import { missing, nameInAddress, readName } from './names.ts'
import { refuseQuarantined } from './project-status.ts'
import { projectLink } from './simple.ts'
import { shownFiles, type ShownFile } from './shown-files.ts'
import { isPrerelease } from './versions.ts'

const jsonType = 'application/json'
const multiple = ['dynamic', 'license_files', 'provides_extra', 'requires_dist']
/** What PyPI itself no longer fills. */
const unfilled = {
  downloads: { last_day: -1, last_week: -1, last_month: -1 },
  bugtrack_url: null,
  docs_url: null,
}

/** All releases, with what the newest one says. A quarantined project has none. */
export const project: NameDocument<PypiModels> = {
  of: 'name',
  async encode({ packages, metadata }, { links }) {
    const newest = newestOf(packages)
    if (!newest || metadata?.status === 'quarantined') return undefined
    const files = await fileTexts(packages, links)
    const releases = await inTurns(packages, ({ version }) =>
      listMember(version, files.get(version) ?? []).join(''),
    )
    const release = releasePieces(newest, files.get(newest.version) ?? [], links)
    return [
      {
        path: '',
        contentType: jsonType,
        body: [...release, ',"releases":{', ...commaSeparated(releases), '}}'],
      },
    ]
  },
}

/** The highest that is neither yanked nor a pre-release, or else what there is. */
function newestOf(packages: readonly PackageView<PypiModels>[]): PackageView<PypiModels> | undefined {
  const offered = packages.filter(({ standing }) => standing?.kind !== 'withdrawn')
  return offered.findLast(({ version }) => !isPrerelease(version)) ?? offered.at(-1) ?? packages.at(-1)
}

/** `GET /pypi/:name/json`. */
export function readProjectJson({ params }: ReadCall<PypiModels>): Reply {
  return { document: ['project', nameInAddress(params['name'])] }
}

/** `GET /pypi/:name/:version/json`. */
export async function readReleaseJson({ registry, params, links }: ReadCall<PypiModels>): Promise<Reply> {
  const name = nameInAddress(params['name'])
  const pkg = await registry.get(name, params['version'] ?? '')
  if (!pkg) throw missing()
  await refuseQuarantined(registry, name)
  const files = await fileTexts([pkg], links)
  const pieces = releasePieces(pkg, files.get(pkg.version) ?? [], links)
  return { text: `${pieces.join('')}}`, headers: { 'content-type': jsonType } }
}

/** The files of each release as JSON. */
async function fileTexts(
  packages: readonly PackageView<PypiModels>[],
  links: Links,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const texts = new Map<string, string[]>(packages.map(({ version }) => [version, []]))
  await inTurns(await shownFiles(packages, links), (file) =>
    texts.get(file.version)!.push(JSON.stringify(fileJson(file))),
  )
  return texts
}

/** What is said of a release, without the brace at the end. */
function releasePieces(
  pkg: PackageView<PypiModels>,
  urls: readonly string[],
  links: Links,
): readonly string[] {
  const members = { info: infoOf(pkg, links), last_serial: pkg.id, vulnerabilities: [] }
  return [opened(members), ...listMember('urls', urls)]
}

function infoOf(
  { name, version, standing, metadata: { metadata } }: PackageView<PypiModels>,
  links: Links,
): object {
  const url = projectLink(links, readName(name) ?? name)
  const isYanked = standing?.kind === 'withdrawn'
  return {
    ...Object.fromEntries(singleFields.map((field) => [field, textOf(metadata, field) ?? null])),
    name,
    version,
    ...Object.fromEntries(multiple.map((field) => [field, listOrNull(metadata, field)])),
    ...unfilled,
    classifiers: textsOf(metadata, 'classifiers'),
    platform: textsOf(metadata, 'platform').join(', ') || null,
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
    python_version: readFileName(file.fileName)?.pythonVersion ?? 'source',
    requires_python: file.requiresPython ?? null,
    size: file.size,
    upload_time: time.slice(0, 19),
    upload_time_iso_8601: time,
    comment_text: null,
    downloads: -1,
    has_sig: false,
    yanked: file.yanked !== undefined,
    yanked_reason: file.yanked === undefined || file.yanked === '' ? null : file.yanked,
  }
}
