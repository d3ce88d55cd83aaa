/** A fenced block of a Markdown file. */
export interface Fence {
  readonly language: string
  readonly text: string
  /** Line of the opening fence, from 1. */
  readonly line: number
}
/** A link as written, without its title. */
export interface MarkdownLink {
  readonly target: string
  readonly line: number
}
/** What the documentation check looks at in a page. */
export interface Page {
  readonly fences: readonly Fence[]
  readonly links: readonly MarkdownLink[]
  /** What `#...` may name here. */
  readonly anchors: ReadonlySet<string>
}

/** Reads fences, inline and reference links, and headings; enough of Markdown for our own pages. */
export function readPage(text: string): Page {
  const fences: Fence[] = []
  const links: MarkdownLink[] = []
  const anchors = new Set<string>()
  let open: { mark: string; language: string; line: number; indent: string; lines: string[] } | undefined
  for (const [index, line] of text.split('\n').entries()) {
    const fence = /^(\s*)(`{3,}|~{3,})\s*([\w-]*)/.exec(line)
    if (open) {
      if (fence?.[2]?.startsWith(open.mark) && line.trim() === fence[2]) {
        fences.push({ language: open.language, text: open.lines.join('\n'), line: open.line })
        open = undefined
      } else open.lines.push(line.startsWith(open.indent) ? line.slice(open.indent.length) : line)
      continue
    }
    if (fence) open = { mark: fence[2]!, language: fence[3]!, line: index + 1, indent: fence[1]!, lines: [] }
    else {
      for (const target of linksOf(line)) links.push({ target, line: index + 1 })
      const heading = /^#{1,6}\s+(.*)$/.exec(line)?.[1]
      if (heading) addAnchor(anchors, heading)
    }
  }
  return { fences, links, anchors }
}

function linksOf(line: string): string[] {
  const prose = line.replaceAll(/`[^`]*`/g, '')
  const inline = [...prose.matchAll(/\]\(<?([^)\s>]+)>?[^)]*\)/g)].map((found) => found[1]!)
  const reference = /^\s*\[[^\]]+\]:\s+(\S+)/.exec(prose)?.[1]
  return reference === undefined ? inline : [...inline, reference]
}

/** As code hosts make them: lower case, no punctuation, '-' for each space, a number after repetitions. */
function addAnchor(anchors: Set<string>, heading: string): void {
  const plain = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
  const slug = plain
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(' ', '-')
  let name = slug
  for (let count = 1; anchors.has(name); count += 1) name = `${slug}-${count}`
  anchors.add(name)
}
