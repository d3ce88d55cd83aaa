import { startIssuer } from '../../issuer.ts'
import { startServer } from './server.ts'
import { makeWorld, post } from './world.ts'
import type { World } from './world.ts'

export type TokenKind = 'personal' | 'project' | 'group' | 'deploy' | 'job'
export interface KindOfToken {
  readonly kind: TokenKind
  readonly token: string
  /** What a client that wants a user name sends beside it. */
  readonly username: string
  /** The header it comes in where it has one of its own. */
  readonly header: 'Private-Token' | 'Deploy-Token' | 'Job-Token'
}
export interface TokenWorld {
  /** Private. */
  readonly world: World
  readonly tokens: readonly KindOfToken[]
}

/** Runs with a server of its own, and a token of each kind that may publish to the world's project. */
export async function withTokens(run: (given: TokenWorld) => Promise<void>): Promise<void> {
  const issuer = await startIssuer()
  try {
    const server = await startServer({
      ENTREPOT_TRUSTS__INTERNAL_ISSUERS: issuer.url,
      // Refusals are counted elsewhere; here many come from one address.
      ENTREPOT_RATE_LIMITS__FAILED_AUTHENTICATIONS_PER_MINUTE: '1000',
    })
    try {
      const world = await makeWorld(server, 'private')
      const claims = { aud: server.url, sub: 'a-job', project_path: world.project.fullPath }
      const idToken = await issuer.sign(claims)
      await run({ world, tokens: await tokensOf(world, issuer.url, idToken) })
    } finally {
      await server.stop()
    }
  } finally {
    await issuer.close()
  }
}

async function tokensOf(world: World, issuer: string, idToken: string): Promise<readonly KindOfToken[]> {
  const { server, project, group, token } = world
  const made = <T>(path: string, wish: object) => post<T>(server, path, wish)
  const wish = { name: 'client', scopes: ['write_package_registry'] }
  const [atProject, atGroup] = [`projects/${project.id}`, `groups/${group.id}`]
  const ofProject = await made<{ token: string }>(`${atProject}/access_tokens`, wish)
  const ofGroup = await made<{ token: string }>(`${atGroup}/access_tokens`, wish)
  const deploy = await made<{ token: string; username: string }>(`${atProject}/deploy_tokens`, wish)
  const conditions = { project_path: project.fullPath }
  await made(`${atProject}/trusts`, { name: 'CI', issuer, conditions })
  const job = await made<{ token: string }>('job_tokens/exchange', { id_token: idToken })
  const people = { username: 'anyone', header: 'Private-Token' } as const
  return [
    { kind: 'personal', token, ...people },
    { kind: 'project', token: ofProject.token, ...people },
    { kind: 'group', token: ofGroup.token, ...people },
    { kind: 'deploy', token: deploy.token, username: deploy.username, header: 'Deploy-Token' },
    { kind: 'job', token: job.token, username: 'gitlab-ci-token', header: 'Job-Token' },
  ]
}
