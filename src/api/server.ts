import { z } from 'zod'
import { programVersion } from '../lib/version.ts'
import { route } from './route.ts'

const tag = 'Server'

const version = route({
  method: 'GET',
  path: '/version',
  summary: 'The version of this server',
  tag,
  needs: 'open',
  response: z.strictObject({ version: z.string(), revision: z.string() }),
  run: async () => ({ version: programVersion(), revision: '' }),
})

const openapi = route({
  method: 'GET',
  path: '/openapi.json',
  summary: 'This document',
  tag,
  needs: 'open',
  response: z.looseObject({ openapi: z.string() }),
  async run({ core }) {
    const [{ openApiDocument }, { routesOf }] = await Promise.all([
      import('./openapi.ts'),
      import('./routes.ts'),
    ])
    const formats = [...core.formats.values()]
    return openApiDocument(routesOf(formats), formats, core.config.publicUrl)
  },
})

export const serverRoutes = [version, openapi]
