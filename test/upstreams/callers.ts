/** Everybody who may ask a registry: nobody, people of every role, machines of every kind. */
import type { TestApp } from '../app.ts'
import type { TestIssuer } from '../issuer.ts'
import type { Made } from '../world.ts'

export interface NamedCaller {
  readonly title: string
  readonly headers: Readonly<Record<string, string>>
  /** Whether the group's registry is open to it, with what the project holds. */
  readonly readsGroup: boolean
}

const roles = { guest: 10, reporter: 20, developer: 30, maintainer: 40, owner: 50 } as const

/** Makes them for a project in a group; the issuer's URL must be one that the app believes. */
export async function callersOf(
  app: TestApp,
  issuer: TestIssuer,
  project: Made,
  group: Made,
): Promise<readonly NamedCaller[]> {
  const { root } = app
  const known = (title: string, headers: Readonly<Record<string, string>>, readsGroup = true) => ({
    title,
    headers,
    readsGroup,
  })
  const found = [known('nobody', {}, false), known('administrator', { 'private-token': root.token })]
  const stranger = await app.user('stranger')
  found.push(known('stranger', { 'private-token': stranger.token }, false))
  for (const [role, level] of Object.entries(roles)) {
    const person = await app.user(role)
    await app.member(person, group.full_path, level)
    found.push(known(role, { 'private-token': person.token }, level > 10))
  }
  const wish = { name: 'machine', scopes: ['read_package_registry'] }
  const atProject = `/api/v4/projects/${project.id}`
  const atGroup = `/api/v4/groups/${group.id}`
  const deploy = await root.json('POST', `${atProject}/deploy_tokens`, wish)
  found.push(known('deploy token', { 'deploy-token': deploy.token }))
  const ofProject = await root.json('POST', `${atProject}/access_tokens`, wish)
  found.push(known('project token', { 'private-token': ofProject.token }))
  const ofGroup = await root.json('POST', `${atGroup}/access_tokens`, wish)
  found.push(known('group token', { 'private-token': ofGroup.token }))
  const conditions = { project_path: project.full_path }
  await root.json('POST', `${atProject}/trusts`, { name: 'CI', issuer: issuer.url, conditions })
  const claims = { aud: app.url, sub: 'a-job', project_path: project.full_path }
  const idToken = await issuer.sign(claims)
  const job = await root.json('POST', '/api/v4/job_tokens/exchange', { id_token: idToken })
  found.push(known('job', { 'job-token': job.token }))
  return found
}
