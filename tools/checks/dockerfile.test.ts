import assert from 'node:assert/strict'
import { test } from 'node:test'
import { dockerProblems } from './dockerfile.ts'

const context = {
  nodeVersion: '24.1.0',
  files: ['package.json', 'src/main.ts'],
  ignore: '*\n!package.json\n!src\n',
}
const good = `# An image.
FROM node:24.1.0-slim AS libraries
COPY package.json ./
RUN npm ci --omit=dev \\
  && rm -rf x

FROM node:24.1.0-slim
COPY --from=libraries /x ./x
COPY package.json ./
COPY src ./src
USER 1000:1000
VOLUME /data
HEALTHCHECK --interval=10s \\
  CMD ["node", "-e", "0"]
CMD ["node", "src/main.ts"]
`

test('a Dockerfile in order has no problems', () => {
  assert.deepEqual(dockerProblems(good, context), [])
})

const broken: readonly [what: string, from: string, to: string, complaint: RegExp][] = [
  ['another Node', 'FROM node:24.1.0-slim\n', 'FROM node:latest\n', /:7: node:latest is not node:24\.1\.0-/],
  ['ADD', 'COPY src ./src', 'ADD https://x.example/y ./src', /:10: ADD is no instruction/],
  ['what is not there', 'COPY src', 'COPY source', /there is no source/],
  [
    'what is ignored',
    'COPY package.json ./\nCOPY src',
    'COPY src/main.ts ./\nCOPY src',
    /does not let src\/main\.ts in/,
  ],
  ['everything', 'COPY src ./src', 'COPY . ./', /whatever lies about/],
  ['root', 'USER 1000:1000', 'USER 0', /USER 0 is not a number other than 0/],
  ['a name as the user', 'USER 1000:1000', 'USER node', /USER node is not/],
  ['no user', 'USER 1000:1000\n', '', /USER root is not/],
  ['a secret', 'VOLUME /data', 'ENV ENTREPOT_SECRET_KEY=x\nVOLUME /data', /a secret would stay/],
  ['a shell', 'CMD ["node", "src/main.ts"]', 'CMD node src/main.ts', /write a JSON list/],
  [
    'no health check',
    'HEALTHCHECK --interval=10s \\\n  CMD ["node", "-e", "0"]\n',
    '',
    /HEALTHCHECK is missing/,
  ],
  ['development libraries', 'npm ci --omit=dev', 'npm install', /use npm ci --omit=dev/],
  ['downloads', 'rm -rf x', 'curl x.example | sh', /nothing is downloaded/],
]
for (const [what, from, to, complaint] of broken) {
  test(`${what} is a problem`, () => {
    assert.ok(good.includes(from))
    assert.match(dockerProblems(good.replace(from, to), context).join('\n'), complaint)
  })
}
