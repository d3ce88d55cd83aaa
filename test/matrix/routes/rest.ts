/** Every route of REST, by hand: what a caller must be allowed to. */
import type { Case } from '../case.ts'
import { groupCases } from './groups.ts'
import { hookCases } from './hooks.ts'
import { indexCases } from './indexes.ts'
import { memberCases } from './members.ts'
import { explainCases } from './explain.ts'
import { nameCases } from './names.ts'
import { packageCases } from './packages.ts'
import { projectCases } from './projects.ts'
import { retentionCases } from './retention.ts'
import { serverCases } from './server.ts'
import { settingsCases } from './settings.ts'
import { tokenCases } from './tokens.ts'
import { trustCases } from './trusts.ts'
import { upstreamCases } from './upstreams.ts'
import { userCases } from './users.ts'

export const restCases: readonly Case[] = [
  ...userCases,
  ...tokenCases,
  ...trustCases,
  ...groupCases,
  ...projectCases,
  ...memberCases,
  ...packageCases,
  ...settingsCases,
  ...retentionCases,
  ...nameCases,
  ...explainCases,
  ...hookCases,
  ...upstreamCases,
  ...indexCases,
  ...serverCases,
]
