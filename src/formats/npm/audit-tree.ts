/**
 * The tree of a lock file that the older audit sends. Upstreams are told those names only that they may be told: others
 * are replaced by names made up for the question, so that what stands below them is audited all the same, and put back in
 * the report. Addresses, paths on disk and ranges that are none are left out.
 */
import semverValidRange from 'semver/ranges/valid.js'
import { isObject, objectOf, type JsonObject } from './json-values.ts'
import { isRemoteName } from './names.ts'
import { readVersion } from './versions.ts'

/** Nesting of dependencies: what is deeper is not audited. */
const maxDepth = 100
const maxRange = 256

/** One tree, of which several upstreams may be told different names. */
export class AskedTree {
  readonly #tree: JsonObject
  /** Names in the tree that are names of packages, each once. */
  readonly names: ReadonlySet<string>
  readonly #told = new Set<string>()
  readonly #madeUp = new Map<string, string>()
  readonly #real = new Map<string, string>()
  #count = 0

  constructor(tree: JsonObject) {
    this.#tree = tree
    this.names = namesIn(tree)
  }

  /** What an upstream is sent that may be told these names. */
  question(told: ReadonlySet<string>): JsonObject {
    for (const name of told) this.#told.add(name)
    return { ...this.#node(this.#tree, told, 0), install: [], remove: [], metadata: {} }
  }

  /** Puts the names back into a report. Advisories about names that nobody was told are left out. */
  restore(report: JsonObject): { readonly advisories: JsonObject; readonly actions: readonly JsonObject[] } {
    const advisories = Object.entries(objectOf(report.advisories)).flatMap(([id, advisory]) =>
      isObject(advisory) && this.#isTold(advisory.module_name)
        ? [[id, this.#advisory(advisory)] as const]
        : [],
    )
    const actions = objectsIn(report.actions).map((action) => this.#action(action))
    return { advisories: Object.fromEntries(advisories), actions }
  }

  #isTold(name: unknown): boolean {
    return typeof name === 'string' && this.#told.has(name)
  }

  #node(node: JsonObject, told: ReadonlySet<string>, depth: number): JsonObject {
    const children = depth === maxDepth ? [] : childrenOf(node)
    const dependencies = children.flatMap(([name, child]) => this.#child(name, child, told, depth + 1))
    const requires = Object.entries(objectOf(node.requires)).map(([name, range]) =>
      told.has(name) ? [name, rangeOf(range)] : [this.#hidden(name), '*'],
    )
    return {
      ...(requires.length > 0 && { requires: Object.fromEntries(requires) }),
      ...(dependencies.length > 0 && { dependencies: Object.fromEntries(dependencies) }),
    }
  }

  #child(
    name: string,
    child: JsonObject,
    told: ReadonlySet<string>,
    depth: number,
  ): readonly (readonly [string, JsonObject])[] {
    const version = readVersion(child.version)
    const below = this.#node(child, told, depth)
    if (version !== undefined && told.has(name)) return [[name, { version, ...marksOf(child), ...below }]]
    if (Object.keys(below).length === 0) return []
    return [[this.#hidden(name), { version: '0.0.0', ...below }]]
  }

  #hidden(name: string): string {
    const known = this.#madeUp.get(name)
    if (known !== undefined) return known
    let made: string
    do made = `not-told-${++this.#count}`
    while (this.names.has(made))
    this.#madeUp.set(name, made)
    this.#real.set(made, name)
    return made
  }

  #advisory(advisory: JsonObject): JsonObject {
    const findings = objectsIn(advisory.findings).map((finding) => ({
      ...finding,
      paths: Array.isArray(finding.paths) ? finding.paths.map((path) => this.#path(path)) : [],
    }))
    return { ...advisory, findings }
  }

  #action(action: JsonObject): JsonObject {
    const resolves = objectsIn(action.resolves).map((one) => ({ ...one, path: this.#path(one.path) }))
    return { ...action, module: this.#path(action.module), resolves }
  }

  /** `a>b>c`, from the root to the package. */
  #path(path: unknown): unknown {
    if (typeof path !== 'string') return path
    return path
      .split('>')
      .map((name) => this.#real.get(name) ?? name)
      .join('>')
  }
}

/** Names that are names of packages with a version, or that are required. */
function namesIn(tree: JsonObject): ReadonlySet<string> {
  const names = new Set<string>()
  const open: [node: JsonObject, depth: number][] = [[tree, 0]]
  for (let next = open.pop(); next; next = open.pop()) {
    const [node, depth] = next
    for (const name of Object.keys(objectOf(node.requires))) if (isRemoteName(name)) names.add(name)
    if (depth === maxDepth) continue
    for (const [name, child] of childrenOf(node)) {
      if (isRemoteName(name) && readVersion(child.version) !== undefined) names.add(name)
      open.push([child, depth + 1])
    }
  }
  return names
}

function childrenOf(node: JsonObject): readonly (readonly [string, JsonObject])[] {
  return Object.entries(objectOf(node.dependencies)).flatMap(([name, child]) =>
    isObject(child) ? [[name, child] as const] : [],
  )
}

/** What else an audit may know of a package: which bytes they are, and what for. */
function marksOf({ integrity, dev, optional }: JsonObject): JsonObject {
  return {
    ...(typeof integrity === 'string' && /^sha\d+-[\w+/=]{1,100}$/.test(integrity) && { integrity }),
    ...(dev === true && { dev }),
    ...(optional === true && { optional }),
  }
}

function objectsIn(value: unknown): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : []
}

function rangeOf(range: unknown): string {
  return typeof range === 'string' && range.length <= maxRange && semverValidRange(range) !== null
    ? range
    : '*'
}
