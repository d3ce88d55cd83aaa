# Entrepot as an image: docs/deployment/container.md. `npm run check -- docker` reads this file.

FROM node:24.21.0-bookworm-slim AS libraries
WORKDIR /opt/entrepot
COPY package.json package-lock.json .npmrc ./
# The image has the Node that the package `node` would bring once more.
RUN npm ci --omit=dev --ignore-scripts \
  && rm -rf node_modules/node node_modules/node-linux-*

FROM node:24.21.0-bookworm-slim
ENV NODE_ENV=production \
  ENTREPOT_LISTEN=0.0.0.0:8080 \
  ENTREPOT_DATA=/data
RUN install -d -m 0750 -o 1000 -g 1000 /data
WORKDIR /opt/entrepot
COPY --from=libraries /opt/entrepot/node_modules ./node_modules
COPY package.json entrepot.mjs LICENSE ./
COPY src ./src
USER 1000:1000
VOLUME /data
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:8080/-/health').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "entrepot.mjs", "serve"]
