# syntax=docker/dockerfile:1
# Debian, not Alpine: the embedded ClickHouse is built for glibc.
FROM node:22-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY scripts ./scripts
COPY bin ./bin
COPY schemas ./schemas
COPY detectors ./detectors
COPY src ./src
COPY test/bench ./test/bench
RUN npm run build

FROM node:22-bookworm-slim AS packages
# EMBEDDED=false leaves the embedded ClickHouse out (half a gigabyte): cluster mode stores in a server.
ARG EMBEDDED=true
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts && npm cache clean --force \
 && if [ "$EMBEDDED" != "true" ]; then rm -rf node_modules/chdb node_modules/@chdb; fi

FROM node:22-bookworm-slim
ENV NODE_ENV=production \
    CATENARY_DATA__PATH=/var/lib/catenary
RUN install -d -o node -g node -m 0700 /var/lib/catenary
WORKDIR /app
COPY --from=packages /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY package.json LICENSE README.md CHANGELOG.md ./
COPY bin ./bin
USER node
VOLUME /var/lib/catenary
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.CATENARY_API__PORT ?? 8321}/healthz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "/app/bin/catenary.js"]
CMD ["serve"]
