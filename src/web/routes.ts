import { homeRoutes } from './pages/home.ts'
import { instanceKeptRoutes } from './pages/kept.ts'
import { newGroupRoutes } from './pages/new-group.ts'
import { ownerRoutes } from './pages/owners.ts'
import { passwordRoutes } from './pages/password.ts'
import { setupRoutes } from './pages/setup.ts'
import { signInRoutes } from './pages/sign-in.ts'
import { ssoRoutes } from './pages/sso.ts'
import { tokenRoutes } from './pages/tokens.ts'
import { instanceUpstreamRoutes } from './pages/upstreams.ts'
import { userRoutes } from './pages/users.ts'
import type { WebRoute } from './route.ts'

/** All pages. The first segment of each is a path that no top-level group can have. */
export const routes: readonly WebRoute[] = [
  ...setupRoutes,
  ...passwordRoutes,
  ...signInRoutes,
  ...ssoRoutes,
  ...homeRoutes,
  ...tokenRoutes,
  ...userRoutes,
  ...instanceUpstreamRoutes,
  ...instanceKeptRoutes,
  ...newGroupRoutes,
  ...ownerRoutes,
]
