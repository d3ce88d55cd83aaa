import type { LoadProcess } from '../load/load-process.ts'
import type { Project } from '../registry-calls.ts'
import type { Row } from '../report.ts'
import type { FileServer, OurServer } from '../servers.ts'

/** What every scenario works with. */
export interface Bench {
  readonly ours: OurServer
  readonly nginx: FileServer
  readonly load: LoadProcess
  readonly project: Project
  /** How often each pair is measured, one side after the other. */
  readonly rounds: number
  /** Milliseconds of each measurement, and before it. */
  readonly duration: number
  readonly warmUp: number
}

/** Measures one thing; gives a row for each line of the report. */
export type Scenario = (bench: Bench) => Promise<Row[]>
