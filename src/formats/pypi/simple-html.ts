/** The simple index as HTML 5, which old installers read. */
import { escapeXml } from '../../lib/xml.ts'
import type { StoredProject } from './models.ts'
import type { ShownFile } from './shown-files.ts'

/** In pieces: lists may be long. */
export function page(title: string, tag: string, anchors: readonly string[]): readonly string[] {
  const heading = escapeXml(title)
  const head = `<meta charset="utf-8"><meta name="pypi:repository-version" content="1.4">${tag}<title>${heading}</title>`
  return [
    `<!DOCTYPE html>\n<html lang="en"><head>${head}</head>\n<body><h1>${heading}</h1>\n`,
    ...anchors,
    '</body></html>\n',
  ]
}

/** The project's status (PEP 792). */
export function statusTag(project: StoredProject | undefined): string {
  const { status = 'active', reason } = project ?? {}
  const tag = `<meta name="pypi:project-status" content="${status}">`
  if (reason === undefined) return tag
  return `${tag}<meta name="pypi:project-status-reason" content="${escapeXml(reason)}">`
}

export type Anchor = Pick<ShownFile, 'url' | 'fileName'> & Partial<ShownFile>

/** A link to a file, or to a project. */
export function anchorOf(file: Anchor): string {
  const { fileName, url, sha256, requiresPython, metadataSha256, yanked, provenanceUrl } = file
  const metadata = metadataSha256 && `sha256=${metadataSha256}`
  const attributes = {
    href: sha256 === undefined ? url : `${url}#sha256=${sha256}`,
    'data-requires-python': requiresPython,
    // PEP 658's name of it, for installers from before PEP 714.
    'data-dist-info-metadata': metadata,
    'data-core-metadata': metadata,
    'data-yanked': yanked,
    'data-provenance': provenanceUrl,
  }
  const texts = Object.entries(attributes).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}="${escapeXml(value)}"`],
  )
  return `<a ${texts.join(' ')}>${escapeXml(fileName)}</a><br>\n`
}
