import { type Module, parseSync } from '@swc/core'

/** A function's place and length, both in lines, the first line of the file being 1. */
export interface FunctionSize {
  readonly line: number
  readonly lines: number
}

const functions = new Set([
  'FunctionDeclaration',
  'FunctionExpression',
  'ArrowFunctionExpression',
  'ClassMethod',
  'PrivateMethod',
  'Constructor',
  'MethodProperty',
  'GetterProperty',
  'SetterProperty',
])
/** A block of tests is a chapter, not a function. */
const chapters = new Set(['describe', 'suite'])

interface Node {
  readonly type?: string
  readonly span?: { readonly start: number; readonly end: number }
  readonly callee?: { readonly type: string; readonly value?: string }
  readonly arguments?: readonly { readonly expression: Node }[]
}

/** Every function of a TypeScript source, nested ones too, without the bodies given to `describe`. */
export function functionSizes(source: string): FunctionSize[] {
  const module: Module = parseSync(source, { syntax: 'typescript', target: 'esnext' })
  const lineOf = lineFinder(source)
  const found: FunctionSize[] = []
  const visit = (node: Node, isChapter: boolean): void => {
    if (node.span && node.type !== undefined && functions.has(node.type) && !isChapter) {
      const line = lineOf(node.span.start)
      found.push({ line, lines: lineOf(node.span.end) - line + 1 })
    }
    const chapter = node.type === 'CallExpression' && chapters.has(node.callee?.value ?? '')
    const bodies = chapter ? new Set(node.arguments?.map(({ expression }) => expression)) : undefined
    for (const child of childrenOf(node)) visit(child, bodies?.has(child) ?? false)
  }
  visit(module as Node, false)
  return found
}

function* childrenOf(value: unknown): Iterable<Node> {
  for (const inner of Object.values(value as object) as unknown[]) {
    if (typeof inner !== 'object' || inner === null) continue
    if ('type' in inner) yield inner as Node
    else yield* childrenOf(inner)
  }
}

/** Spans count bytes from 1. */
function lineFinder(source: string): (offset: number) => number {
  const ends: number[] = []
  const bytes = Buffer.from(source)
  for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, at + 1)) ends.push(at)
  return (offset) => {
    let [low, high] = [0, ends.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (ends[middle]! < offset - 1) low = middle + 1
      else high = middle
    }
    return low + 1
  }
}
