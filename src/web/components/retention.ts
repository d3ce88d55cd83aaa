/** Which packages leave by themselves, for those who may see settings. */
import { retentionLevels, retentionRulesOf } from '../../core/records/retention-rules.ts'
import { rulesInForce } from '../../core/retention/rules.ts'
import type { GroupRow, ProjectRow, RetentionRuleRow } from '../../database/schema.ts'
import { html, type Html } from '../html.ts'
import type { Visit } from '../visit.ts'

/** The rules that hold in a project, its own or inherited. */
export async function projectRetention({ core }: Visit, project: ProjectRow): Promise<Html> {
  const levels = await retentionLevels(core.database.read, project)
  return section([...rulesInForce(levels, core.formats.keys())], 'in this project')
}

/** The rules that a group itself has. */
export async function groupRetention({ core }: Visit, group: GroupRow): Promise<Html> {
  return section(
    await retentionRulesOf(core.database.read, { group_id: group.id }).execute(),
    'in this group',
  )
}

const section = (rules: readonly RetentionRuleRow[], where: string): Html =>
  rules.length === 0
    ? ''
    : html`<section aria-labelledby="retention-title">
        <div class="section-head"><h2 id="retention-title">Retention</h2></div>
        <ul class="rows" role="list" aria-label="Rules about which packages leave by themselves ${where}">
          ${rules.map(ruleRow)}
        </ul>
      </section>`

const ruleRow = (rule: RetentionRuleRow): Html =>
  html`<li class="row">
    <div class="row-main">
      <span class="row-title">${rule.name}</span>
      ${rule.format === null ? '' : html`<span class="badge">${rule.format}</span>`}
      ${rule.group_id === null ? '' : html`<span class="badge">of a group</span>`}
      ${rule.enabled === 1 ? '' : html`<span class="badge">off</span>`}
      <p class="row-detail">${wordsOf(rule)}</p>
    </div>
  </li>`

const kinds = { any: 'versions', release: 'releases', prerelease: 'prereleases' } as const

function wordsOf(rule: RetentionRuleRow): string {
  const { keep_n: count, older_than_days: days, name_pattern: names, version_pattern: versions } = rule
  const what = [
    kinds[rule.stability],
    ...(versions === '*' ? [] : [versions]),
    ...(names === '*' ? [] : ['of', names]),
  ].join(' ')
  if (count === null && days === null) return `Keeps ${what}`
  const since = rule.age_from === 'download' ? 'published or downloaded' : 'published'
  const conditions = [
    ...(count === null ? [] : [`not among the ${count} newest`]),
    ...(days === null ? [] : [`not ${since} within ${days} days`]),
  ]
  return `Removes ${what} ${conditions.join(' and ')}`
}
