/** Who answers for a name. The one asked about belongs to the project. */
import type { Case } from '../case.ts'
import type { Place } from '../place.ts'

const name = 'rest'
const shows = ({ project }: Place) => `"${project.path}"`

export const explainCases: readonly Case[] = [
  {
    route: 'GET /groups/:id/-/packages/:format/-/explain',
    first: 'group',
    may: 'read_packages',
    isList: true,
    request: ({ group }) => ({ path: `/groups/${group.id}/-/packages/generic/-/explain?name=${name}` }),
    shows,
  },
  {
    route: 'GET /projects/:id/packages/:format/-/explain',
    first: 'find',
    may: 'read_packages',
    request: ({ project }) => ({ path: `/projects/${project.id}/packages/generic/-/explain?name=${name}` }),
    shows,
  },
  {
    route: 'GET /packages/:format/-/explain',
    may: 'read_packages',
    isList: true,
    request: ({ published }) => ({
      path: `/packages/npm/-/explain?name=${encodeURIComponent(published.get('npm')!.name)}`,
    }),
    shows,
  },
]
