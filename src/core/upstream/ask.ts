/** Questions that are passed on to upstreams, about names that may be told to them. */
import type { RegistryReader } from '../../formats/format.ts'
import type { RegistryContext } from '../registry/context.ts'
import { addressOf, laneOf } from './client.ts'
import { credentialFor, storedCredential } from './credential.ts'
import { hidingRules } from './hidden.ts'
import { isAskedFor, mayFill, upstreamName, upstreamsFor } from './scope.ts'

type Ask = RegistryReader<any>['ask']

/** For everything together, in milliseconds: whoever asks waits for the slowest. */
const longestMs = 15_000
const mostNames = 100_000

/** As `RegistryReader.ask`. An upstream that fails has no answer. */
export async function askUpstreams(
  context: RegistryContext,
  names: Parameters<Ask>[0],
  question: Parameters<Ask>[1],
): Promise<Uint8Array[]> {
  const { core } = context
  const upstreams = (await upstreamsFor(context)).filter((upstream) => mayFill(context, upstream))
  if (upstreams.length === 0) return []
  const known = names.slice(0, mostNames).filter((name) => upstreamName(context, name) === name)
  const hidden = await hidingRules(context, known)
  const open = known.filter((name) => !hidden.has(name))
  const answers = await Promise.all(
    upstreams.map(async (upstream) => {
      const told = new Set(open.filter((name) => isAskedFor(upstream, name)))
      if (told.size === 0) return undefined
      const { method, path, accept, headers, body, maxBytes } = question(told)
      try {
        const { status, body: answer } = await core.egress.fetch({
          url: addressOf(upstream, path),
          method,
          headers: { ...headers, ...(accept === undefined ? {} : { accept }) },
          ...(body ? { body } : {}),
          maxBytes,
          timeoutMs: longestMs,
          lane: laneOf(upstream),
          ...credentialFor(upstream.url, storedCredential(core, upstream)),
        })
        return status === 200 ? answer : undefined
      } catch (error) {
        core.log.warn({ err: error, upstream: upstream.id }, 'an upstream could not be asked a question')
        return undefined
      }
    }),
  )
  return answers.filter((answer) => answer !== undefined)
}
