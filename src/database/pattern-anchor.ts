/**
 * What a name must have for a pattern to match it, as one text that an index can find: so that of very many patterns
 * those few are read that may match. A pattern is anchored by its beginning, else by its end, else by the first
 * characters of its longest piece. Compared without case, character by character.
 */

/** Characters: a longer beginning or end anchors by so much of it. */
const longest = 64
/** So many characters of a piece inside: the first number that it has. */
const insideLengths = [8, 3]
/** Of patterns that any name may match: those with shorter pieces. */
const anywhere = '*'
/** Of rows whose anchor nobody worked out: what servers write that do not know of it. */
export const unknownAnchor = ''

/** The same for texts that differ by case only. Of two texts joined it is what theirs are joined. */
export function foldCase(text: string): string {
  return Array.from(text, (character) => character.toLowerCase()).join('')
}

/** The anchor of a pattern, in which `*` stands for any text. */
export function anchorOf(pattern: string): string {
  const pieces = pattern.split('*').map((piece) => Array.from(foldCase(piece)))
  const [first, last] = [pieces[0]!, pieces.at(-1)!]
  if (first.length > 0) return `^${first.slice(0, longest).join('')}`
  if (last.length > 0) return `$${last.slice(-longest).join('')}`
  const inside = pieces.reduce((one, other) => (other.length > one.length ? other : one))
  const length = insideLengths.find((some) => some <= inside.length)
  return length === undefined ? anywhere : `~${inside.slice(0, length).join('')}`
}

/** The anchors of all patterns that may match the name; some of those that have them do not. */
export function anchorsOfName(name: string): Set<string> {
  const characters = Array.from(foldCase(name))
  const anchors = new Set([unknownAnchor, anywhere])
  for (let length = 1; length <= Math.min(longest, characters.length); length++) {
    anchors.add(`^${characters.slice(0, length).join('')}`)
    anchors.add(`$${characters.slice(-length).join('')}`)
  }
  for (const length of insideLengths) {
    for (let at = 0; at + length <= characters.length; at++)
      anchors.add(`~${characters.slice(at, at + length).join('')}`)
  }
  return anchors
}
