import { accessTokenRoutes } from './access-tokens.ts'
import { auditEventRoutes } from './audit-events.ts'
import { cleanupPolicyRoutes } from './cleanup-policy.ts'
import { deployTokenRoutes } from './deploy-tokens.ts'
import type { Format } from '../formats/format.ts'
import { explainRoutes } from './explain.ts'
import { groupRoutes } from './groups.ts'
import { indexSettingsRoutes } from './index-settings.ts'
import { jobRoutes } from './jobs.ts'
import { jobTokenRoutes } from './job-tokens.ts'
import { leakedTokenRoutes } from './leaked-tokens.ts'
import { memberRoutes } from './members.ts'
import { namePatternRoutes } from './name-patterns.ts'
import { nameRoutes } from './names.ts'
import { packageFileRoutes } from './package-files.ts'
import { packageSettingsRoutes } from './package-settings.ts'
import { packageDownloadRoutes } from './package-downloads.ts'
import { packageRoutes } from './packages.ts'
import { projectRoutes } from './projects.ts'
import { protectionRuleRoutes } from './protection-rules.ts'
import { retentionDryRunRoutes } from './retention-dry-run.ts'
import { retentionRuleRoutes } from './retention-rules.ts'
import type { Route } from './route.ts'
import { serverRoutes } from './server.ts'
import { signingKeyRoutes } from './signing-keys.ts'
import { tokenRoutes } from './tokens.ts'
import { trustRoutes } from './trusts.ts'
import { upstreamKeptRoutes } from './upstream-kept.ts'
import { upstreamPinRoutes } from './upstream-pins.ts'
import { upstreamRoutes } from './upstreams.ts'
import { userChangeRoutes } from './user-changes.ts'
import { userRoutes } from './users.ts'
import { webhookRoutes } from './webhooks.ts'

/** All that a server of these formats has, in the order of the OpenAPI document. */
export const routesOf = (formats: Iterable<Format<any>>): readonly Route[] => [
  ...userRoutes,
  ...userChangeRoutes,
  ...tokenRoutes,
  ...accessTokenRoutes,
  ...deployTokenRoutes,
  ...leakedTokenRoutes,
  ...trustRoutes,
  ...jobTokenRoutes,
  ...groupRoutes,
  ...projectRoutes,
  ...memberRoutes,
  ...packageRoutes,
  ...packageDownloadRoutes,
  ...packageFileRoutes,
  ...protectionRuleRoutes,
  ...packageSettingsRoutes,
  ...retentionRuleRoutes,
  ...retentionDryRunRoutes,
  ...cleanupPolicyRoutes,
  ...nameRoutes,
  ...namePatternRoutes,
  ...explainRoutes,
  ...upstreamKeptRoutes,
  ...upstreamPinRoutes,
  ...upstreamRoutes,
  ...[...formats].flatMap(indexSettingsRoutes),
  ...signingKeyRoutes,
  ...auditEventRoutes,
  ...webhookRoutes,
  ...jobRoutes,
  ...serverRoutes,
]
