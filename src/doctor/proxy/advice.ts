/** The settings of proxies that break clients, each with what it should be. */

export const advice = {
  reach: [
    'see that the proxy hands every path below the public URL to this server, and that both use the same secret key',
  ],
  encodedSlash: [
    'nginx: write proxy_pass without a path of its own (proxy_pass http://backend;), and no rewrite before it',
    'Apache: AllowEncodedSlashes NoDecode, and nocanon behind ProxyPass',
    'Traefik: entryPoints.<name>.http.encodedCharacters.allowEncodedSlash: true',
  ],
  slashes: [
    'nginx: proxy_pass without a path of its own, and merge_slashes off',
    'Apache: MergeSlashes Off, and nocanon behind ProxyPass',
    'Traefik: entryPoints.<name>.http.sanitizePath: false',
  ],
  host: [
    'nginx: proxy_set_header Host $http_host;',
    'Apache: ProxyPreserveHost On',
    'Traefik: passHostHeader: true at the load balancer of the service',
  ],
  protocol: [
    'nginx: proxy_set_header X-Forwarded-Proto $scheme;',
    'Apache: RequestHeader set X-Forwarded-Proto expr=%{REQUEST_SCHEME}',
    'Traefik: sets it by itself; behind another proxy: entryPoints.<name>.forwardedHeaders.trustedIPs',
  ],
  caller: [
    'nginx: proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;',
    'Apache: ProxyAddHeaders On (its default)',
    'and name the proxy in http.trusted_proxies of Entrepot',
  ],
  authorization: [
    'nginx: remove proxy_set_header Authorization, and auth_basic for these paths',
    'Apache: remove RequestHeader unset Authorization, and AuthType for these paths',
    'Traefik: remove the basicAuth middleware, or its removeHeader, from this router',
  ],
  largeBody: [
    'nginx: client_max_body_size 0;',
    'Apache: LimitRequestBody 0',
    'Traefik: remove maxRequestBodyBytes from the buffering middleware, and readTimeout: 0 at the entry point',
  ],
  chunked: [
    'nginx: proxy_http_version 1.1;',
    'Apache: SetEnv proxy-sendchunked 1',
    'Traefik: remove the buffering middleware',
  ],
  expect: [
    'nginx: remove proxy_set_header Expect, and any rule that refuses it',
    'Apache: remove RequestHeader rules about Expect',
    'a proxy that cannot answer 100-continue must drop the header, not the request',
  ],
  requestBuffering: [
    'nginx: proxy_request_buffering off; and proxy_http_version 1.1;',
    'Traefik: remove the buffering middleware',
  ],
  responseBuffering: [
    'nginx: proxy_buffering off;',
    'Apache: flushpackets=on behind ProxyPass',
    'Traefik: remove the buffering middleware',
  ],
  compression: [
    'nginx: gzip off; for these paths (answers are compressed already where that helps)',
    'Apache: SetEnv no-gzip 1 for these paths',
    'Traefik: remove the compress middleware from this router',
  ],
  containers: [
    'nginx: location /v2/ { proxy_pass http://backend; } at the root of the host, with the settings of the other location',
    'Apache: ProxyPass /v2/ http://backend/v2/ nocanon',
    'Traefik: a rule such as Host(`...`) && PathPrefix(`/v2/`) for the same service',
  ],
  headers: [
    'nginx: large_client_header_buffers 4 32k;',
    'Apache: LimitRequestFieldSize 32768',
    'Traefik: accepts them by default; look at what stands before it',
  ],
  methods: [
    'nginx: remove limit_except and rules about $request_method',
    'Apache: remove <Limit>, <LimitExcept> and AllowMethods for these paths',
    'a web application firewall in front must let PUT, PATCH and DELETE pass',
  ],
} as const satisfies Record<string, readonly string[]>
