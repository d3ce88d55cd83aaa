/** The world that the suite's tests play in: a server, a group with a project, and people with roles there. */
import { createTestApp, type Actor, type TestApp } from '../../../test/app.ts'
import type { Format } from '../format.ts'
import { call, succeeded, type Answer, type Caller } from './http.ts'
import type { FormatSamples, SamplePackage } from './samples.ts'

/** What is tested. */
export interface Suite {
  readonly format: Format<any>
  readonly samples: FormatSamples
}

export interface Scene {
  readonly app: TestApp
  /** Owner, maintainer, developer, reporter and guest of the group `acme`. */
  readonly people: Readonly<Record<'owner' | 'maintainer' | 'developer' | 'reporter' | 'guest', Actor>>
  /** The private project `acme/app` and its registry. */
  readonly projectId: number
  readonly at: string
  /** Registries' URLs: of projects, of the group, of the instance. */
  projectAt(fullPath: string): string
  readonly groupAt: string
  readonly instanceAt: string
  /** Publishes as a client does and throws unless every request succeeds. */
  publish(caller: Caller, at: string, pkg: SamplePackage): Promise<Answer[]>
}

const group = 'acme'

/** Plays `work` on a fresh server and checks at its end that nothing was left behind. */
export async function withScene(
  { format, samples }: Suite,
  work: (scene: Scene) => Promise<void>,
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  const instance = { ENTREPOT_PACKAGES__INSTANCE: JSON.stringify({ [format.id]: [group] }) }
  const app = await createTestApp({ env: format.names.owner ? env : { ...instance, ...env } })
  try {
    await app.group(group)
    const project = await app.project(`${group}/app`)
    const base = `${app.url}/api/v4`
    const projectAt = (path: string) => `${base}/projects/${encodeURIComponent(path)}/packages/${format.id}`
    await work({
      app,
      people: {
        owner: await member(app, 'olga', 50),
        maintainer: await member(app, 'mia', 40),
        developer: await member(app, 'dan', 30),
        reporter: await member(app, 'rita', 20),
        guest: await member(app, 'gus', 10),
      },
      projectId: project.id,
      at: projectAt(project.full_path),
      projectAt,
      groupAt: `${base}/groups/${group}/-/packages/${format.id}`,
      instanceAt: `${base}/packages/${format.id}`,
      async publish(caller, at, pkg) {
        const answers: Answer[] = []
        for (const request of samples.publish(pkg)) answers.push(succeeded(await call(caller, at, request)))
        return answers
      },
    })
  } finally {
    await app.close()
  }
}

async function member(app: TestApp, name: string, role: 10 | 20 | 30 | 40 | 50): Promise<Actor> {
  const actor = await app.user(name)
  await app.member(actor, group, role)
  return actor
}

/** A sample package; other `content` gives other bytes. */
export function sample(
  { samples }: Suite,
  content = 'first',
  version = samples.publishable[0],
): SamplePackage {
  return { name: samples.names[0], version, content }
}

export interface Downloaded {
  readonly status: number
  readonly bytes: Buffer
}

/** What a caller gets for a package's file. */
export async function download(
  { samples }: Suite,
  caller: Caller,
  at: string,
  pkg: SamplePackage,
): Promise<Downloaded> {
  const { status, body } = await call(caller, at, { method: 'GET', path: samples.file(pkg).path })
  return { status, bytes: body }
}

/** All documents about a package as a caller gets them. */
export async function documents(
  { samples }: Suite,
  caller: Caller,
  at: string,
  pkg: SamplePackage,
): Promise<Answer[]> {
  const answers: Answer[] = []
  for (const request of samples.documents(pkg)) answers.push(await call(caller, at, request))
  return answers
}
