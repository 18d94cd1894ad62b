# The control plane: one static program with the studio inside. Build from the root of the tree:
# docker build -f deploy/docker/control.Dockerfile -t studio-control .
ARG BASE=debian:12-slim
ARG GO=golang:1.26-bookworm
ARG NODE=node:20-bookworm-slim

FROM ${NODE} AS studio
WORKDIR /src/control/web/studio
COPY control/web/studio/package.json control/web/studio/package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY control/web/studio ./
RUN npm run build

FROM ${GO} AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY control control
COPY edge/wire edge/wire
COPY --from=studio /src/control/web/studio/dist control/web/studio/dist
ARG VERSION=unknown
RUN CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags "-X main.version=${VERSION}" -o /control ./control

FROM ${BASE}
# hadolint ignore=DL3008
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates && rm -rf /var/lib/apt/lists/* \
	&& install -d -m 0700 -o 65532 -g 65532 /state
COPY --from=build /control /usr/local/bin/control
ENV STATE_DIRECTORY=/state
USER 65532:65532
EXPOSE 8080
STOPSIGNAL SIGTERM
ENTRYPOINT ["/usr/local/bin/control"]
CMD ["serve"]
