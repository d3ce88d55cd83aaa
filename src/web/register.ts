import type { FastifyInstance } from 'fastify'
import type { Core } from '../core/core.ts'

/** Adds the web pages. */
export async function registerWeb(app: FastifyInstance, core: Core): Promise<void> {
  void app
  void core
}
