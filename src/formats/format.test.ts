/** What does not compile: `npm run check` fails if one of these mistakes is no longer noticed. */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { Blob, Link, OpenCall, ReadCall, Reply, Route } from './format.ts'

type Models = Record<never, never>

function readsOnly({ registry }: ReadCall<Models>): Reply {
  // @ts-expect-error a reading handler has nothing to publish with
  void registry.publish
  // @ts-expect-error nor to remove
  void registry.remove
  // @ts-expect-error nor to stage
  void registry.stage
  return { status: 204 }
}

function opens(call: OpenCall): Reply {
  // @ts-expect-error an open route gets no registry
  void call.registry
  return { status: 204 }
}

const routes: readonly Route<Models>[] = [
  { method: 'GET', path: '/a', needs: 'read', run: readsOnly },
  { method: 'GET', path: '/b', needs: 'nothing', run: opens },
  // @ts-expect-error a route says what it needs
  { method: 'GET', path: '/c', run: opens },
  // @ts-expect-error a handler that reads packages does not stand on an open route
  { method: 'GET', path: '/d', needs: 'nothing', run: readsOnly },
]

// @ts-expect-error bytes are handed out by the core; a digest is no permission
const blob: Blob = { size: 1, sha256: 'a'.repeat(64), digests: {} }
// @ts-expect-error a link is made by the core, never from a request's text
const link: Link = 'https://elsewhere.example/'

it('mistakes about permissions do not compile', () => {
  assert.deepEqual([routes.length, typeof blob, typeof link], [4, 'object', 'string'])
})
