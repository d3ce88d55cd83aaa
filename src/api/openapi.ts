/** The OpenAPI 3.1 document, derived from the routes' own schemas and from what each format says of its routes. */
import { z } from 'zod'
import type { Format } from '../formats/format.ts'
import { programVersion } from '../lib/version.ts'
import { formatPaths } from './openapi-formats.ts'
import { trustedPublishingPaths } from './trusted-publishing.ts'
import { jobSecurity, securityOf, tokenSecurity, type Operation, type Paths } from './openapi-model.ts'
import type { RestNeed, Route } from './route.ts'

/** The whole document as plain JSON. */
export function openApiDocument(
  routes: readonly Route[],
  formats: Iterable<Format<any>>,
  publicUrl: string,
): { openapi: string } & Record<string, unknown> {
  const schemas: Record<string, unknown> = { Error: errorSchema }
  const paths: Paths = {}
  for (const route of routes) {
    const path = templated(route.path)
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route, schemas) }
  }
  for (const format of formats) Object.assign(paths, formatPaths(format))
  Object.assign(paths, trustedPublishingPaths(publicUrl))
  return {
    openapi: '3.1.0',
    info: {
      title: 'Entrepot',
      version: programVersion(),
      description: 'Groups, projects, people and packages, in the shapes of the GitLab API.',
    },
    servers: [{ url: `${publicUrl}/api/v4` }],
    security: tokenSecurity,
    paths,
    components: { schemas, securitySchemes },
  }
}

/** `/groups/:id` as `/groups/{id}`. */
const templated = (path: string) => path.replace(/:(\w+)/g, '{$1}')

const securitySchemes = {
  privateToken: { type: 'apiKey', in: 'header', name: 'PRIVATE-TOKEN' },
  jobToken: { type: 'apiKey', in: 'header', name: 'JOB-TOKEN' },
  deployToken: { type: 'apiKey', in: 'header', name: 'Deploy-Token' },
  bearer: { type: 'http', scheme: 'bearer' },
  basic: { type: 'http', scheme: 'basic', description: 'any user name, the token as password' },
}

const errorSchema = {
  type: 'object',
  description: '`error` for parameters and tokens, `message` for everything else',
  properties: { message: { type: 'string' }, error: { type: 'string' } },
}

const needWords: Readonly<Record<RestNeed, string>> = {
  read: 'Needs the scope api or read_api; anonymous callers see what is public.',
  write: 'Needs the scope api.',
  token: 'Needs any valid token.',
  open: 'Needs no scope.',
  secret: 'Needs no token: what the body holds is the credential.',
}

function operation(route: Route, schemas: Record<string, unknown>): Operation {
  const toSchema = (schema: z.ZodType, io: 'input' | 'output') => jsonSchema(schema, io, schemas)
  const error = { description: 'An error', content: jsonContent({ $ref: '#/components/schemas/Error' }) }
  return {
    operationId: operationId(route),
    summary: route.summary,
    description: needWords[route.needs],
    tags: [route.tag],
    ...securityOf(
      route.forJobs ? jobSecurity : tokenSecurity,
      ['open', 'read', 'secret'].includes(route.needs),
    ),
    parameters: [
      ...parameters('path', toSchema(route.params, 'input')),
      ...parameters('query', toSchema(route.query, 'input')),
    ],
    ...(route.body
      ? { requestBody: { required: true, content: jsonContent(toSchema(route.body, 'input')) } }
      : {}),
    responses: {
      [route.status]: {
        description: route.response ? 'As asked' : 'Done',
        ...(route.paged ? { headers: pageHeaderSchemas } : {}),
        ...(route.response
          ? { content: { [route.mediaType]: { schema: toSchema(route.response, 'output') } } }
          : {}),
      },
      default: error,
    },
  }
}

const jsonContent = (schema: unknown) => ({ 'application/json': { schema } })

const operationId = ({ method, path }: Route) =>
  [method.toLowerCase(), ...path.split(/[/:._-]+/).filter(Boolean)]
    .map((word, at) => (at === 0 ? word : word[0]!.toUpperCase() + word.slice(1)))
    .join('')

const pageHeaderSchemas = Object.fromEntries(
  ['X-Total', 'X-Total-Pages', 'X-Page', 'X-Per-Page', 'X-Next-Page', 'X-Prev-Page', 'Link'].map((name) => [
    name,
    { schema: { type: 'string' } },
  ]),
)

type ObjectSchema = { properties?: Record<string, { description?: string }>; required?: string[] }

function parameters(where: 'path' | 'query', schema: unknown): Operation[] {
  const { properties = {}, required = [] } = schema as ObjectSchema
  return Object.entries(properties).map(([name, { description, ...rest }]) => ({
    name,
    in: where,
    required: where === 'path' || required.includes(name),
    ...(description === undefined ? {} : { description }),
    schema: rest,
  }))
}

/** A schema whose named parts stand under the document's components. */
function jsonSchema(schema: z.ZodType, io: 'input' | 'output', schemas: Record<string, unknown>): unknown {
  const { $schema: _, ...made } = z.toJSONSchema(schema, { io })
  const moved = JSON.parse(JSON.stringify(made).replaceAll('"#/$defs/', '"#/components/schemas/'))
  const { $defs = {}, ...own } = moved
  for (const [id, part] of Object.entries($defs as Record<string, Record<string, unknown>>)) {
    const { id: _id, ...rest } = part
    schemas[id] = rest
  }
  return own
}
