/** The recipes of docs/ci, followed word by word: each CI system is played by its variables and an issuer of ID tokens. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { resolve } from 'node:path'
import { after, before } from 'node:test'
import { parse } from 'yaml'
import { createTestApp, type TestApp } from '../app.ts'
import { startIssuer, type TestIssuer } from '../issuer.ts'
import { story, type Home } from './support/story.ts'

const docs = resolve(import.meta.dirname, '../../docs/ci')
let app: TestApp
let issuer: TestIssuer
before(async () => {
  issuer = await startIssuer()
  app = await createTestApp({ env: { ENTREPOT_TRUSTS__INTERNAL_ISSUERS: issuer.url }, anonymous: false })
  await app.project('acme/app')
  await app.member(await app.user('maintainer'), 'acme/app', 40)
})
after(async () => {
  await app.close()
  await issuer.close()
})

type Variables = Readonly<Record<string, string>>

/** The blocks of a language in a recipe, with its example addresses replaced by those of this run. */
function blocks(file: string, language: string): string[] {
  const text = readFileSync(resolve(docs, file), 'utf8')
    .replaceAll('https://packages.example.com', app.url)
    .replaceAll(/"issuer": "[^"]+"/g, `"issuer": "${issuer.url}"`)
  const found = [...text.matchAll(/```(\w+)\n(.*?)```/gs)].filter(([, of]) => of === language)
  return found.map(([, , block]) => block!)
}

/** The project trusts nobody but the job of this recipe, as its maintainer does it. */
async function trusted(home: Home, file: string): Promise<void> {
  const maintainer = await app.user('maintainer')
  const trusts = '/api/v4/projects/acme%2Fapp/trusts'
  for (const { id } of await app.root.json('GET', trusts)) await app.root.delete(`${trusts}/${id}`)
  const [shell, ...more] = blocks(file, 'sh')
  assert.ok(shell && more.length === 0)
  const env = { ENTREPOT_URL: app.url, ENTREPOT_TOKEN: maintainer.token }
  await home.run('bash', ['-ec', shell], { env })
  home.write('app.tar.gz', 'what was built')
}

async function published(format: string, name: string, version: string): Promise<void> {
  const { id } = await app.project('acme/app')
  const list = await app.root.json('GET', `/api/v4/projects/${id}/packages?package_type=${format}`)
  const found = list.find((pkg: any) => pkg.name === name && pkg.version === version)
  assert.ok(found, `${name} ${version} among ${JSON.stringify(list)}`)
  const event = await app.core.database.read
    .selectFrom('events')
    .select('actor')
    .where('kind', '=', 'package.published')
    .where('version', '=', version)
    .where('format', '=', format)
    .executeTakeFirstOrThrow()
  assert.match(event.actor!, /^job:http/)
}

const gitlabClaims = {
  sub: 'project_path:acme/app:ref_type:tag:ref:v1.0',
  project_path: 'acme/app',
  ref_type: 'tag',
  ref_protected: 'true',
}

/** The variables that GitLab's runner sets for a job, with its ID tokens. */
async function gitlabJob(job: any, tag: string, claims: object = gitlabClaims): Promise<Variables> {
  const variables: Record<string, string> = {
    ...job.variables,
    CI: 'true',
    GITLAB_CI: 'true',
    CI_COMMIT_TAG: tag,
  }
  for (const [name, { aud }] of Object.entries<{ aud: string }>(job.id_tokens))
    variables[name] = await issuer.sign({ aud, ...claims })
  return variables
}

story('GitLab: publish any file by curl', ['bash', 'curl'], async (home) => {
  await trusted(home, 'gitlab.md')
  const { publish } = parse(blocks('gitlab.md', 'yaml')[0]!)
  const script = ['-eo', 'pipefail', '-c', publish.script.join('\n')]
  await home.run('bash', script, { env: await gitlabJob(publish, 'v1.0') })
  await published('generic', 'app', 'v1.0')
  const elsewhere = { ...gitlabClaims, project_path: 'evil/app' }
  const env = await gitlabJob(publish, 'v1.1', elsewhere)
  await home.refused('bash', script, /no trust lets job:/, { env })
})

story('GitLab: npm publish', ['bash', 'npm'], async (home) => {
  await trusted(home, 'gitlab.md')
  const job = parse(blocks('gitlab.md', 'yaml')[1]!)['publish-npm']
  home.write('package.json', JSON.stringify({ name: '@acme/from-gitlab', version: '1.0.1' }))
  const script = ['-eo', 'pipefail', '-c', job.script.join('\n')]
  await home.run('bash', script, { env: await gitlabJob(job, 'v1.0') })
  await published('npm', '@acme/from-gitlab', '1.0.1')
  const unprotected = { ...gitlabClaims, ref_protected: 'false' }
  const env = await gitlabJob(job, 'v1.1', unprotected)
  await home.refused('bash', script, /ENEEDAUTH/, { env })
  const verbose = { ...(await gitlabJob(job, 'v1.1', unprotected)), npm_config_loglevel: 'verbose' }
  await home.refused('bash', script, /no trust lets job:/, { env: verbose })
})

const actionsClaims = {
  sub: 'repo:acme/app:ref:refs/tags/v2.0',
  repository: 'acme/app',
  repository_id: '74',
  repository_owner_id: '65',
  ref: 'refs/tags/v2.0',
}

/** Runs a job's steps as a runner of Actions does, beside a service that gives out ID tokens. */
async function runActions(home: Home, workflow: any, tag: string): Promise<void> {
  const secret = 'for-this-job-only'
  const server = createServer(async (req, res) => {
    assert.equal(req.headers.authorization, `Bearer ${secret}`)
    const aud = new URL(req.url!, 'http://runner').searchParams.get('audience')
    res.end(JSON.stringify({ count: 1, value: await issuer.sign({ aud, ...actionsClaims }) }))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const env = {
    ...workflow.env,
    CI: 'true',
    GITHUB_ACTIONS: 'true',
    GITHUB_REF_NAME: tag,
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: secret,
    ACTIONS_ID_TOKEN_REQUEST_URL: `http://127.0.0.1:${port}/token?api-version=2.0`,
  }
  const [job] = Object.values<any>(workflow.jobs)
  try {
    for (const { run } of job.steps) await home.run('bash', ['-e', home.write('step.sh', run)], { env })
  } finally {
    server.close()
    server.closeAllConnections()
  }
}

story('GitHub: publish any file by curl', ['bash', 'curl'], async (home) => {
  await trusted(home, 'github.md')
  await runActions(home, parse(blocks('github.md', 'yaml')[0]!), 'v2.0')
  await published('generic', 'app', 'v2.0')
})

story('GitHub: npm publish', ['bash', 'npm'], async (home) => {
  await trusted(home, 'github.md')
  home.write('package.json', JSON.stringify({ name: '@acme/from-github', version: '2.0.1' }))
  await runActions(home, parse(blocks('github.md', 'yaml')[1]!), 'v2.0')
  await published('npm', '@acme/from-github', '2.0.1')
})

story('Gitea: publish any file by curl', ['bash', 'curl'], async (home) => {
  await trusted(home, 'gitea.md')
  await runActions(home, parse(blocks('gitea.md', 'yaml')[1]!), 'v3.0')
  await published('generic', 'app', 'v3.0')
})

story('Jenkins: publish any file by curl', ['sh', 'curl'], async (home) => {
  await trusted(home, 'jenkins.md')
  const [pipeline = ''] = blocks('jenkins.md', 'groovy')
  const script = /sh '''(.*?)'''/s.exec(pipeline)![1]!
  const environment = Object.fromEntries(
    [...pipeline.matchAll(/^ {4}(\w+) = '(.*)'$/gm)].map(([, name, value]) => [name!, value!]),
  )
  const sub = 'https://jenkins.example.com/job/acme/job/app/'
  const idToken = await issuer.sign({ sub, aud: app.url, build_number: 7, jti: undefined })
  const env = { ...environment, TAG_NAME: 'v4.0', ENTREPOT_ID_TOKEN: idToken }
  const { transcript } = await home.run('sh', ['-xec', script], { env })
  assert.doesNotMatch(
    transcript.replace(/^.*\n/, '').replaceAll(script, ''),
    /epj_/,
    'the log shows no token',
  )
  await published('generic', 'app', 'v4.0')
})
