import type { FastifyInstance } from 'fastify'
import type { Core } from '../core/core.ts'

/** Adds the REST API under /api/v4. */
export async function registerApi(app: FastifyInstance, core: Core): Promise<void> {
  void app
  void core
}
