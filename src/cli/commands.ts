import { backupCommand } from './backup.ts'
import type { Command } from './command.ts'
import { explainCommand } from './explain.ts'
import { gc } from './gc.ts'
import { doctor } from './doctor.ts'
import { groupCreate } from './group-create.ts'
import { init } from './init.ts'
import { jobList } from './job-list.ts'
import { jobRetry } from './job-retry.ts'
import { keyAdd } from './key-add.ts'
import { keyList } from './key-list.ts'
import { keyRetire } from './key-retire.ts'
import { packageList } from './package-list.ts'
import { projectCreate } from './project-create.ts'
import { quota } from './quota.ts'
import { restoreCommand } from './restore.ts'
import { retentionDryRun } from './retention-dry-run.ts'
import { serve } from './serve.ts'
import { storageMigrate } from './storage-migrate.ts'
import { tokenCreate } from './token-create.ts'
import { upstreamAdd } from './upstream-add.ts'
import { upstreamList } from './upstream-list.ts'
import { upstreamRemove } from './upstream-remove.ts'
import { upstreamSet } from './upstream-set.ts'
import { upstreamTest } from './upstream-test.ts'
import { userCreate } from './user-create.ts'
import { userResetPassword } from './user-reset-password.ts'
import { verify } from './verify.ts'
import { version } from './version.ts'
import { worker } from './worker.ts'

/** All of them, in the order of the overview. */
export const commands: readonly Command[] = [
  serve,
  worker,
  init,
  gc,
  verify,
  backupCommand,
  restoreCommand,
  doctor,
  userCreate,
  userResetPassword,
  tokenCreate,
  groupCreate,
  projectCreate,
  packageList,
  explainCommand,
  retentionDryRun,
  upstreamAdd,
  upstreamList,
  upstreamSet,
  upstreamTest,
  upstreamRemove,
  keyList,
  keyAdd,
  keyRetire,
  jobList,
  jobRetry,
  storageMigrate,
  quota,
  version,
]
