/** Pages of groups and projects: everything below their paths. */
import { numberOf } from '../components/form-values.ts'
import { seenGroup } from '../owners.ts'
import { ownerAddress, type OwnerAddress } from '../owner-address.ts'
import type { WebReply, WebRoute } from '../route.ts'
import type { Visit } from '../visit.ts'
import { notFound, Problem } from '../../lib/problem.ts'
import { groupPage } from './group.ts'
import { keptPage } from './kept.ts'
import { makeGroup, newGroupPage } from './new-group.ts'
import { makeProject, newProjectPage } from './new-project.ts'
import { isTokenPage, makeOwnedToken, ownedTokensPage, revokeOwnedToken } from './owned-tokens.ts'
import { download, packagePage } from './package.ts'
import { projectPage } from './project.ts'
import { actOnUpstream, makeUpstream, upstreamsPage } from './upstreams.ts'

export const ownerRoutes: readonly WebRoute[] = [
  { method: 'GET', path: '/*', for: 'readers', run: show },
  { method: 'POST', path: '/*', for: 'people', run: act },
]

async function show(visit: Visit): Promise<WebReply> {
  const address = ownerAddress(visit.target)
  return address.kind === 'group' ? showGroup(visit, address) : showProject(visit, address)
}

async function showGroup(visit: Visit, { path, rest }: OwnerAddress): Promise<WebReply> {
  const [what, ...more] = rest
  if (more.length > 0) throw notFound()
  if (what === undefined || what === 'packages') return groupPage(visit, path, what === 'packages')
  if (isTokenPage(what)) return ownedTokensPage(visit, { kind: 'group', path, what })
  if (what === 'upstreams') return upstreamsPage(visit, { kind: 'group', path })
  if (what === 'kept') return keptPage(visit, { kind: 'group', path })
  if (what === 'new-group') return newGroupPage(visit, path)
  if (what === 'new-project') return newProjectPage(visit, path)
  throw notFound()
}

async function showProject(visit: Visit, { path, rest }: OwnerAddress): Promise<WebReply> {
  const [what, id, verb, ...more] = rest
  if (what === undefined) return projectOrGroup(visit, path)
  if (isTokenPage(what) && id === undefined) return ownedTokensPage(visit, { kind: 'project', path, what })
  if (what === 'upstreams' && id === undefined) return upstreamsPage(visit, { kind: 'project', path })
  if (what === 'kept' && id === undefined) return keptPage(visit, { kind: 'project', path })
  if (what === 'packages' && id === undefined) return projectPage(visit, path)
  if (what === 'packages' && verb === undefined) return packagePage(visit, path, numberOf(id))
  if (what === 'package_files' && verb === 'download' && more.length === 0)
    return download(visit, path, numberOf(id))
  throw notFound()
}

/** People who leave out `/groups` find the group all the same. */
async function projectOrGroup(visit: Visit, path: string): Promise<WebReply> {
  try {
    return await projectPage(visit, path)
  } catch (error) {
    if (!(error instanceof Problem && error.status === 404)) throw error
    const group = await seenGroup(visit, path)
    return { redirect: `/groups/${group.full_path}` }
  }
}

async function act(visit: Visit): Promise<WebReply> {
  const { kind, path, rest } = ownerAddress(visit.target)
  if (kind === 'group' && rest.length === 1 && rest[0] === 'new-group') return makeGroup(visit, path)
  if (kind === 'group' && rest.length === 1 && rest[0] === 'new-project') return makeProject(visit, path)
  const [what, id, verb, ...more] = rest
  if (isTokenPage(what) && more.length === 0) {
    const place = { kind, path, what }
    if (id === undefined) return makeOwnedToken(visit, place)
    if (verb === 'revoke') return revokeOwnedToken(visit, place, numberOf(id))
  }
  if (what === 'upstreams' && more.length === 0) {
    const place = { kind, path }
    return id === undefined ? makeUpstream(visit, place) : actOnUpstream(visit, place, numberOf(id), verb)
  }
  throw notFound()
}
