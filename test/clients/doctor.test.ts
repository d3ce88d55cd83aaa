/** `entrepot doctor --url` through a real nginx that is configured wrongly, in one way after the other. */
import assert from 'node:assert/strict'
import { lookThrough } from '../../src/doctor/proxy/look-through.ts'
import { withNginx } from './support/nginx.ts'
import { freePort, startServer } from './support/server.ts'
import { story } from './support/story.ts'

const secretKey = 'a secret key for this story, long enough'
const inLocation = (line: string) => (text: string) =>
  text.replace('proxy_http_version 1.1;', `proxy_http_version 1.1; ${line}`)
const without = (line: RegExp) => (text: string) => text.replace(line, '')

/** What is wrong, how it is found, and the setting that is named. */
const wrongs: readonly (readonly [(text: string) => string, abouts: readonly string[], setting: RegExp])[] = [
  [
    (text) =>
      text
        .replace(/(location \/packages\/ \{[^}]*?proxy_pass \S+);/, '$1/packages/;')
        .replace('merge_slashes off;', ''),
    ['%2f in paths', 'double slashes'],
    /proxy_pass without a path of its own/,
  ],
  [without(/proxy_set_header Host .*;/), ['Host'], /proxy_set_header Host \$http_host/],
  [without(/proxy_set_header X-Forwarded-Proto .*;/), ['protocol'], /X-Forwarded-Proto \$scheme/],
  [without(/proxy_set_header X-Forwarded-For .*;/), ['caller'], /X-Forwarded-For/],
  [
    inLocation('proxy_set_header Authorization "";'),
    ['Authorization'],
    /remove proxy_set_header Authorization/,
  ],
  [inLocation('if ($request_method = PATCH) { return 405; }'), ['methods'], /\$request_method/],
  [
    (text) =>
      text.replace('client_max_body_size 0;', 'client_max_body_size 0; large_client_header_buffers 4 2k;'),
    ['long headers'],
    /large_client_header_buffers/,
  ],
  [
    (text) => text.replace('client_max_body_size 0', 'client_max_body_size 1m'),
    ['large bodies'],
    /client_max_body_size 0/,
  ],
  [inLocation('if ($http_expect) { return 417; }'), ['Expect: 100-continue'], /proxy_set_header Expect/],
  [
    (text) => text.replace('proxy_request_buffering off', 'proxy_request_buffering on'),
    ['uploads'],
    /proxy_request_buffering off/,
  ],
  [inLocation('gzip on; gzip_proxied any; gzip_types application/json;'), ['compression'], /gzip off/],
  [without(/location \/v2\/ \{.*\}/), ['/v2/'], /location \/v2\//],
]

/** The root of the host belongs to the server as well. */
function withRoot(text: string): string {
  const [, upstream] = /proxy_pass (\S+);/.exec(text)!
  return text.replace(
    'location /packages/',
    `location /v2/ { proxy_pass ${upstream}; }\n    location /packages/`,
  )
}

/** A server that any nginx may stand in front of. */
async function withServer(use: (upstream: string) => Promise<void>): Promise<void> {
  const server = await startServer({
    ENTREPOT_SECRET_KEY: secretKey,
    ENTREPOT_PUBLIC_URL: 'http://127.0.0.1/packages',
  })
  await use(server.url).finally(() => server.stop())
}

story('doctor finds nothing wrong with nginx as it is documented', ['nginx'], async () => {
  await withServer(async (upstream) => {
    await withNginx({ upstream, port: await freePort(), alter: withRoot }, async (publicUrl) => {
      const found = await lookThrough({ publicUrl, secretKey })
      assert.deepEqual(
        found.filter(({ verdict }) => verdict !== 'ok'),
        [],
      )
    })
  })
})

story('doctor finds each thing that nginx does wrong, and names its setting', ['nginx'], async () => {
  await withServer(async (upstream) => {
    for (const [spoil, abouts, setting] of wrongs) {
      const alter = (text: string) => spoil(withRoot(text))
      await withNginx({ upstream, port: await freePort(), alter }, async (publicUrl) => {
        const found = await lookThrough({ publicUrl, secretKey, largeBytes: 5_000_000 })
        const wrong = found.filter(({ verdict }) => verdict !== 'ok')
        assert.deepEqual(
          wrong.map(({ about }) => about),
          abouts,
          JSON.stringify(wrong),
        )
        for (const { advice = [] } of wrong) assert.match(advice.join('\n'), setting)
      })
    }
  })
})
