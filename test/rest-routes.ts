import { routesOf } from '../src/api/routes.ts'
import { formats } from '../src/formats/index.ts'

/** Every REST route of a server that has all formats. */
export const restRoutes = routesOf(formats)
