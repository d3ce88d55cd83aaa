/**
 * Control files: paragraphs of fields (deb822(5), Debian Policy 5.1). What dpkg's tools read in different ways is refused:
 * carriage returns, other control characters, lines of blanks alone, a field twice.
 */
import { invalid, tooLarge } from '../../lib/problem.ts'

/** The value as it stands: without blanks at both ends of its first line, its other lines with the blank they begin with. */
export type Field = readonly [name: string, value: string]
/** Fields in their order. */
export type Paragraph = readonly Field[]

/** The most that is read. */
export interface ControlLimits {
  readonly bytes: number
  readonly paragraphs: number
  /** Of one paragraph. */
  readonly fields: number
  /** Of a field's value, in UTF-16 units. */
  readonly value: number
}

const defaults: ControlLimits = { bytes: 4 * 1024 * 1024, paragraphs: 1, fields: 200, value: 1024 * 1024 }
const maxName = 100
/** Of all paragraphs together. */
export const maxLines = 50_000
/** Printable ASCII without a colon, and no hyphen at its end, over which dpkg's Perl tools never end. */
const fieldLine = /^([!"$-,.-9;-~](?:[!-9;-~]*[!-,.-9;-~])?):[ \t]*(.*)$/s
/** C0 without tabs and line feeds, DEL, and C1. */
// oxlint-disable-next-line no-control-regex
const controlCharacter = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/

/**
 * The paragraphs of `what` ('the control file'). Throws 400 where they are not clean or end without a line feed, 413 beyond
 * a limit.
 */
export function parseParagraphs(
  what: string,
  bytes: Uint8Array,
  reading: Partial<ControlLimits> = {},
): Paragraph[] {
  const limits = { ...defaults, ...reading }
  if (bytes.length > limits.bytes) throw tooLarge(`${what} is larger than ${limits.bytes} bytes`)
  const lines = linesOf(what, bytes)
  const paragraphs: Field[][] = []
  let current: Field[] | undefined
  for (const [at, line] of lines.entries()) {
    if (line === '') current = undefined
    else if (/^[ \t]/.test(line)) goOn(`${what}, line ${at + 1},`, line, current)
    else {
      if (!current) paragraphs.push((current = []))
      if (paragraphs.length > limits.paragraphs)
        throw tooLarge(`${what} has more than ${limits.paragraphs} paragraphs`)
      current.push(readField(`${what}, line ${at + 1},`, line))
    }
  }
  for (const paragraph of paragraphs) checkParagraph(what, paragraph, limits)
  return paragraphs
}

/** The one paragraph of `what`. Throws as above, and 400 where there is none. */
export function parseParagraph(
  what: string,
  bytes: Uint8Array,
  reading: Partial<Omit<ControlLimits, 'paragraphs'>> = {},
): Paragraph {
  const [paragraph, ...more] = parseParagraphs(what, bytes, { ...reading, paragraphs: 2 })
  if (!paragraph || more.length > 0)
    throw invalid(`${what} must have one paragraph, not ${paragraph ? 'several' : 'none'}`)
  return paragraph
}

function linesOf(what: string, bytes: Uint8Array): string[] {
  const text = decoded(what, bytes)
  const found = controlCharacter.exec(text)?.[0]
  if (found !== undefined)
    throw invalid(`${what} has the control character U+${found.charCodeAt(0).toString(16).padStart(4, '0')}`)
  if (text !== '' && !text.endsWith('\n')) throw invalid(`${what} does not end with a line feed`)
  const lines = text.slice(0, -1).split('\n', maxLines + 1)
  if (lines.length > maxLines) throw tooLarge(`${what} has more than ${maxLines} lines`)
  return lines
}

function decoded(what: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw invalid(`${what} is not UTF-8`)
  }
}

function readField(where: string, line: string): Field {
  const [, name, value = ''] = fieldLine.exec(line) ?? []
  if (name === undefined || name.length > maxName)
    throw invalid(`${where} is no field: ${JSON.stringify(line.slice(0, 60))}`)
  return [name, trimmedEnd(value)]
}

function goOn(where: string, line: string, fields: Field[] | undefined): void {
  const last = fields?.pop()
  if (!fields || !last) throw invalid(`${where} goes on with no field`)
  const text = trimmedEnd(line)
  if (text === '') throw invalid(`${where} is blank, but not empty: begin it with " ."`)
  fields.push([last[0], `${last[1]}\n${text}`])
}

/** A pattern would look at every blank of a long row again and again. */
function trimmedEnd(text: string): string {
  let end = text.length
  while (end > 0 && (text[end - 1] === ' ' || text[end - 1] === '\t')) end--
  return text.slice(0, end)
}

function checkParagraph(what: string, paragraph: Paragraph, limits: ControlLimits): void {
  if (paragraph.length > limits.fields) throw tooLarge(`${what} has more than ${limits.fields} fields`)
  const names = new Set<string>()
  for (const [name, value] of paragraph) {
    if (value.length > limits.value)
      throw tooLarge(`${what} has a ${name} longer than ${limits.value} characters`)
    const key = name.toLowerCase()
    if (names.has(key)) throw invalid(`${what} has the field ${name} twice`)
    names.add(key)
  }
}

/** The value of a field, whatever the case of its name. */
export function valueOf(paragraph: Paragraph, name: string): string | undefined {
  const key = name.toLowerCase()
  return paragraph.find(([one]) => one.toLowerCase() === key)?.[1]
}

/** The same; throws 400 where it is missing or empty. */
export function neededValue(what: string, paragraph: Paragraph, name: string): string {
  const value = valueOf(paragraph, name)
  if (value === undefined || value === '') throw invalid(`${what} has no ${name}`)
  return value
}

/** The words of a field of one logical line, between blanks and line feeds. */
export function wordsOf(value: string): string[] {
  return value.split(/[ \t\n]+/).filter((word) => word !== '')
}

/** Paragraphs as they are read again, one empty line between two. Throws 400 for what would not be. */
export function writeParagraphs(paragraphs: readonly Paragraph[]): string {
  return paragraphs.map((paragraph) => paragraph.map(writeField).join('')).join('\n')
}

function writeField([name, value]: Field): string {
  const [first = '', ...more] = value.split('\n')
  const line = `${name}:${first === '' ? '' : ' '}${first}`
  const isClean = fieldLine.exec(line)?.[1] === name && more.every((one) => /^[ \t].*[^ \t]/.test(one))
  if (!isClean || controlCharacter.test(value))
    throw invalid(`the field ${JSON.stringify(name)} cannot be written`)
  return `${[line, ...more].join('\n')}\n`
}

/** The lines of a field behind its first one, without the blanks around them. */
export function linesBelow(value: string): string[] {
  return value
    .split('\n')
    .slice(1)
    .map((line) => line.trim())
}
