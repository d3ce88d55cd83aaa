import type { EventKind } from '../records/events.ts'

type Start = EventKind extends `${infer Noun}.${string}` ? Noun : never

/** What a webhook can be told of, and what the kinds of those events begin with. */
export const webhookTopics = {
  package_events: ['package', 'file'],
  project_events: ['project'],
  subgroup_events: ['group'],
  member_events: ['member'],
  token_events: ['token', 'trust'],
  settings_events: [
    'settings',
    'protection',
    'retention',
    'name',
    'webhook',
    'upstream',
    'index',
    'signing_key',
  ],
} as const satisfies Readonly<Record<string, readonly Start[]>>

export type WebhookTopic = keyof typeof webhookTopics
export const allTopics = Object.keys(webhookTopics) as WebhookTopic[]

/** A publication that was there already changed nothing: the audit log has it, nobody else needs it. */
export const untold: readonly EventKind[] = ['package.repeated']

/** What kinds begin with, by the space separated topics of a webhook. */
export function kindsOf(topics: string): string[] {
  return topics
    .split(' ')
    .flatMap((topic) => webhookTopics[topic as WebhookTopic] ?? [])
    .map((noun) => `${noun}.`)
}
