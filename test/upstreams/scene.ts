/** A server that may reach upstreams on this machine, for all tests of a file. */
import { after, before } from 'node:test'
import { createTestApp, type TestApp } from '../app.ts'
import { startFaultyUpstream, type FaultyUpstream } from './faulty-upstream.ts'
import { onlyLoopback } from './filled-registry.ts'

export interface UpstreamScene {
  /** There when the tests run. */
  readonly app: TestApp
  /** Another upstream; it is closed when all tests are over. */
  open(): Promise<FaultyUpstream>
}

/** Starts before the first test of the file that calls it, and ends after the last one. */
export function upstreamScene(): UpstreamScene {
  const opened: FaultyUpstream[] = []
  let app: TestApp | undefined
  before(async () => {
    app = await createTestApp({ env: onlyLoopback })
  })
  after(async () => {
    for (const upstream of opened) await upstream.close()
    await app?.close()
  })
  return {
    get app() {
      if (!app) throw new Error('the server is there when the tests run')
      return app
    },
    async open() {
      const upstream = await startFaultyUpstream()
      opened.push(upstream)
      return upstream
    },
  }
}
