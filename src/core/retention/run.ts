import type { Db } from '../../database/database.ts'
import type { NameRow, ProjectRow } from '../../database/schema.ts'
import type { Core } from '../core.ts'
import { removeFiles, removePackages, type Removal } from '../publish/remove.ts'
import { besideOthers, type Writing } from '../publish/writing.ts'
import { inBatches } from '../records/batches.ts'
import { ownOrigin } from '../records/events.ts'
import { findPackageById } from '../records/packages.ts'
import type { Verdict } from './judge.ts'
import { judgeNames, type JudgedName } from './names.ts'
import { retentionOf, type ProjectRetention } from './rules.ts'

/** The kind of job that looks for projects with something to do. */
export const retentionKind = 'retention'

/**
 * Removes what the rules of a project, or of the groups above it, let go: by the way of every delete, so it can be
 * restored, and its event names the rule. A name that changes meanwhile waits for the next time.
 */
export async function retain(core: Core, project: ProjectRow, signal: AbortSignal): Promise<void> {
  const of = { project_id: project.id }
  for await (const judged of judgeNames(core, { of, tryAll: false })) {
    if (signal.aborted) return
    await retainName(core, judged)
  }
}

async function retainName(core: Core, judged: JudgedName): Promise<void> {
  let { revision }: { revision: number | undefined } = judged.name
  for (const verdicts of inBatches(judged.verdicts.filter(({ goes }) => goes))) {
    if (revision === undefined) return
    revision = await change(core, judged, revision, (db, writing, name) =>
      removePackages(db, writing, name, verdicts.map(removalOf)),
    )
  }
  for (const [packageId, files] of judged.oldBuilds) {
    if (revision === undefined) return
    const ids = files.map(({ id }) => id)
    const reason = { reason: `not among the ${judged.retention.builds} newest builds` }
    revision = await change(core, judged, revision, async (db, writing, name) => {
      const pkg = await findPackageById(db, packageId)
      await removeFiles(db, writing, name, pkg!, ids, reason)
    })
  }
}

const removalOf = ({ version, rule, reason }: Verdict): Removal => ({
  pkg: version,
  detail: { retention_rule: rule && { id: rule.id, name: rule.name }, reason },
})

/** Changes the name unless it, or a rule, has changed since it was judged. The name's revision afterwards. */
function change(
  core: Core,
  { retention, format, name }: JudgedName,
  revision: number,
  act: (db: Db, writing: Writing, name: NameRow) => Promise<void>,
): Promise<number | undefined> {
  const { project } = retention
  return core.database.write(
    async (db) => {
      const current = await nameById(db, name.id)
      if (current?.revision !== revision || !(await isUnchanged(db, retention))) return undefined
      await act(db, { project, format, origin: ownOrigin, now: core.clock() }, current)
      return (await nameById(db, name.id))?.revision
    },
    besideOthers(project, format.id, [name.key]),
  )
}

function nameById(db: Db, id: number): Promise<NameRow | undefined> {
  return db.selectFrom('names').selectAll().where('id', '=', id).forUpdate().executeTakeFirst()
}

async function isUnchanged(db: Db, before: ProjectRetention): Promise<boolean> {
  const { levels, protections, builds } = await retentionOf(db, before.project)
  return JSON.stringify([levels, protections, builds]) === JSON.stringify(asJudged(before))
}

const asJudged = ({ levels, protections, builds }: ProjectRetention) => [levels, protections, builds]
