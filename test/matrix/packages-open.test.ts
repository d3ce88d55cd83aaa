import { tryPackageRoutes } from './package-routes.ts'

tryPackageRoutes(['internal', 'public'])
