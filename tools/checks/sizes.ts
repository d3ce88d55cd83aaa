import { functionSizes } from './functions.ts'
import type { Outcome } from './outcome.ts'
import { readSource, sourceFiles } from './repository.ts'

/** In lines: what no file and no function may exceed, and what most should keep to. */
const limits = { file: 400, function: 80 }
const aims = { fileMedian: 80, fileP90: 220, functionMedian: 10 }

/** Sizes of files and functions; the hard limits fail, the aims are printed beside what was found. */
export function checkSizes(): Outcome {
  const problems: string[] = []
  const files: number[] = []
  const functions: number[] = []
  for (const path of sourceFiles()) {
    const source = readSource(path)
    const lines = source.split('\n').length - 1
    files.push(lines)
    if (lines > limits.file) problems.push(`${path}: ${lines} lines, ${limits.file} are allowed`)
    for (const found of functionSizes(source)) {
      functions.push(found.lines)
      if (found.lines <= limits.function) continue
      problems.push(
        `${path}:${found.line}: a function of ${found.lines} lines, ${limits.function} are allowed`,
      )
    }
  }
  return { problems, note: describeSizes(files, functions) }
}

function describeSizes(files: readonly number[], functions: readonly number[]): string {
  const filesNote = `${files.length} files, median ${at(files, 0.5)} (aim ${aims.fileMedian}), p90 ${at(files, 0.9)} (aim ${aims.fileP90})`
  return `${filesNote}; ${functions.length} functions, median ${at(functions, 0.5)} (aim ${aims.functionMedian})`
}

function at(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
}
