import type { Case } from '../case.ts'

export const serverCases: readonly Case[] = [
  { route: 'GET /version', may: 'nothing', scope: 'none', request: () => ({ path: '/version' }) },
  { route: 'GET /openapi.json', may: 'nothing', scope: 'none', request: () => ({ path: '/openapi.json' }) },
]
