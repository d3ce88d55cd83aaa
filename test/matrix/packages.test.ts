import { tryPackageRoutes } from './package-routes.ts'

tryPackageRoutes(['private', 'pull'])
