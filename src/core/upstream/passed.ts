/** Documents that only upstreams have. */
import type { PassedDocument } from '../../formats/format.ts'
import { renderParts } from '../documents/rendered.ts'
import type { RegistryContext } from '../registry/context.ts'
import { orNothing, subjectOf, type FromUpstream } from './from-upstream.ts'
import { plain, readAtOnce, type RawAnswer } from './read-documents.ts'
import { upstreamsFor } from './scope.ts'
import { rawAnswer } from './stored-answer.ts'
import { ageOf, allAnswering, answering, stampOf } from './walk.ts'

/** About a name: what the upstream says that has it. About none: what all of them say. */
export async function passedDocument(
  context: RegistryContext,
  rule: string,
  document: PassedDocument,
  key: string,
): Promise<FromUpstream | undefined> {
  const { core, format, source } = context
  const about = document.about(key)
  const upstreams = about === undefined ? await upstreamsFor(context) : await askedAbout(context, about)
  const asked = format.upstream?.document(rule, key, '')
  if (!asked || upstreams.length === 0) return undefined
  const request = { rule, ...asked }
  const pass = (answers: readonly RawAnswer[]) =>
    document.pass(
      answers.map(({ bytes, encoding }) => plain(bytes, encoding, readAtOnce)),
      key,
    )
  const walk = { request, upstreams, check: async (_: unknown, answer: RawAnswer) => pass([answer]) }
  const answers = await (about === undefined ? allAnswering(context, walk) : answering(context, walk))
  if (answers.length === 0) return undefined
  const stamp = stampOf(answers)
  return orNothing(answers, async () => {
    const rendered = await core.documents.get(
      `${format.id}/${source.key}/${rule}/${key}`,
      stamp,
      async () => {
        const raw = await Promise.all(answers.map((one) => rawAnswer(core, one)))
        return renderParts(stamp, pass(raw))
      },
    )
    return { rendered, ...ageOf(answers) }
  })
}

async function askedAbout(context: RegistryContext, name: string) {
  return (await subjectOf(context, name))?.upstreams ?? []
}
