/**
 * Regular expressions that owners write, in a subset of RE2's syntax: literals, `.`, classes, `\d \w \s` and their
 * opposites, groups, `|`, `*`, `+`, `?`, anchors. All states are followed at once (Thompson, 1968), so that no
 * pattern takes longer than its length times the text's.
 */
import { invalid } from './problem.ts'

const longestPattern = 255
const longestText = 1024

type Accepts = (character: string) => boolean
type Node =
  | { readonly kind: 'one'; readonly accepts: Accepts }
  | { readonly kind: 'sequence'; readonly parts: readonly Node[] }
  | { readonly kind: 'choice'; readonly parts: readonly Node[] }
  | { readonly kind: 'repeat'; readonly part: Node; readonly optional: boolean; readonly many: boolean }
  | { readonly kind: 'start' }
  | { readonly kind: 'end' }

interface State {
  readonly kind: 'one' | 'fork' | 'start' | 'end' | 'found'
  readonly accepts?: Accepts
  readonly to: number[]
}

/** Says whether a whole text matches; texts beyond 1,024 characters never do. */
export type LinearPattern = (text: string) => boolean

/** Compiles a pattern, which is always compared with the whole text. Throws 400 saying what it may not hold. */
export function linearPattern(source: string): LinearPattern {
  const { states, first } = compile(parse(source))
  return (text) => text.length <= longestText && run(states, first, [...text])
}

interface Cursor {
  readonly characters: readonly string[]
  at: number
}

function parse(source: string): Node {
  if (source.length > longestPattern) throw invalid(`a pattern has at most ${longestPattern} characters`)
  const cursor: Cursor = { characters: [...source], at: 0 }
  const node = parseChoice(cursor)
  if (cursor.at < cursor.characters.length) throw invalid('the pattern has a ) without a (')
  return node
}

const peek = ({ characters, at }: Cursor) => characters[at]

function take(cursor: Cursor, wanted: string): boolean {
  if (peek(cursor) !== wanted) return false
  cursor.at += 1
  return true
}

function parseChoice(cursor: Cursor): Node {
  const parts = [parseSequence(cursor)]
  while (take(cursor, '|')) parts.push(parseSequence(cursor))
  return { kind: 'choice', parts }
}

function parseSequence(cursor: Cursor): Node {
  const parts: Node[] = []
  for (let next = peek(cursor); next !== undefined && next !== '|' && next !== ')'; next = peek(cursor))
    parts.push(parseRepeat(cursor))
  return { kind: 'sequence', parts }
}

function parseRepeat(cursor: Cursor): Node {
  const part = parseOne(cursor)
  const sign = peek(cursor)
  if (sign !== '*' && sign !== '+' && sign !== '?') return part
  if (part.kind === 'start' || part.kind === 'end') throw invalid('the pattern repeats an anchor')
  cursor.at += 1
  if ('*+?'.includes(peek(cursor) ?? ' '))
    throw invalid(`the pattern repeats a repetition: ${sign}${peek(cursor)}`)
  return { kind: 'repeat', part, optional: sign !== '+', many: sign !== '?' }
}

function parseOne(cursor: Cursor): Node {
  const character = peek(cursor)!
  cursor.at += 1
  if (character === '.') return { kind: 'one', accepts: (c) => c !== '\n' }
  if (character === '^') return { kind: 'start' }
  if (character === '$') return { kind: 'end' }
  if (character === '(') return parseGroup(cursor)
  if (character === '[') return { kind: 'one', accepts: parseClass(cursor) }
  if (character === '\\') return parseEscape(cursor)
  if ('*+?'.includes(character)) throw invalid(`the pattern has a ${character} with nothing before it`)
  if ('{}'.includes(character))
    throw invalid(`the pattern may not count; write \\${character} for the character`)
  return { kind: 'one', accepts: (c) => c === character }
}

function parseGroup(cursor: Cursor): Node {
  if (take(cursor, '?') && !take(cursor, ':')) throw invalid('of groups with (? a pattern may hold (?: only')
  const node = parseChoice(cursor)
  if (!take(cursor, ')')) throw invalid('the pattern has a ( without a )')
  return node
}

function parseEscape(cursor: Cursor): Node {
  if (take(cursor, 'A')) return { kind: 'start' }
  if (take(cursor, 'z')) return { kind: 'end' }
  return { kind: 'one', accepts: escaped(cursor) }
}

const families: Readonly<Record<string, RegExp>> = {
  d: /^\d$/,
  w: /^\w$/,
  s: /^\s$/,
}

function escaped(cursor: Cursor): Accepts {
  const character = peek(cursor)
  cursor.at += 1
  if (character === undefined) throw invalid('the pattern ends with a backslash')
  const family = families[character.toLowerCase()]
  if (family) return (c) => family.test(c) === (character === character.toLowerCase())
  if (/[A-Za-z0-9]/.test(character)) throw invalid(`a pattern may not hold \\${character}`)
  return (c) => c === character
}

function parseClass(cursor: Cursor): Accepts {
  const isNegated = take(cursor, '^')
  const items: Accepts[] = []
  do items.push(parseClassItem(cursor))
  while (!take(cursor, ']'))
  return (c) => items.some((accepts) => accepts(c)) !== isNegated
}

function parseClassItem(cursor: Cursor): Accepts {
  const low = peek(cursor)
  if (low === undefined) throw invalid('the pattern has a [ without a ]')
  cursor.at += 1
  if (low === '\\') return escaped(cursor)
  if (low === '[' || low === ']') throw invalid(`in a class of a pattern write \\${low}`)
  const high = cursor.characters[cursor.at + 1]
  if (peek(cursor) !== '-' || high === undefined || high === ']') return (c) => c === low
  if (high === '\\' || high === '[' || high < low)
    throw invalid(`the pattern has a wrong range: ${low}-${high}`)
  cursor.at += 2
  return (c) => c >= low && c <= high
}

function compile(node: Node): { states: readonly State[]; first: number } {
  const states: State[] = []
  const add = (state: State) => states.push(state) - 1
  function enter(one: Node, next: number): number {
    if (one.kind === 'one') return add({ ...one, to: [next] })
    if (one.kind === 'start' || one.kind === 'end') return add({ kind: one.kind, to: [next] })
    if (one.kind === 'sequence') return one.parts.reduceRight((after, part) => enter(part, after), next)
    if (one.kind === 'choice') return add({ kind: 'fork', to: one.parts.map((part) => enter(part, next)) })
    const fork: State = { kind: 'fork', to: [next] }
    const around = add(fork)
    const inside = enter(one.part, one.many ? around : next)
    fork.to.push(inside)
    return one.optional ? around : inside
  }
  const found = add({ kind: 'found', to: [] })
  return { first: enter(node, found), states }
}

function run(states: readonly State[], first: number, characters: readonly string[]): boolean {
  let open = closure(states, [first], 0, characters.length)
  for (const [index, character] of characters.entries()) {
    const next: number[] = []
    for (const at of open) {
      const { accepts, to } = states[at]!
      if (accepts?.(character)) next.push(...to)
    }
    if (next.length === 0) return false
    open = closure(states, next, index + 1, characters.length)
  }
  return [...open].some((at) => states[at]!.kind === 'found')
}

/** The states that are reached from these without taking a character. */
function closure(states: readonly State[], from: readonly number[], at: number, end: number): Set<number> {
  const reached = new Set<number>()
  const pending = [...from]
  for (let index = pending.pop(); index !== undefined; index = pending.pop()) {
    if (reached.has(index)) continue
    reached.add(index)
    const { kind, to } = states[index]!
    const isPassed = kind === 'fork' || (kind === 'start' && at === 0) || (kind === 'end' && at === end)
    if (isPassed) pending.push(...to)
  }
  return reached
}
