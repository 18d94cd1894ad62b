# An edge node. Build from the root of the tree: docker build -f deploy/docker/edge.Dockerfile -t studio-edge .
# BASE, GO and NODE are arguments so that a release pins them by digest and a test can put its own root file system there.
ARG BASE=debian:12-slim
ARG GO=golang:1.26-bookworm
ARG NODE=node:24-bookworm-slim

# The library that the edge loads, by the script that `make build` runs: the version and its digests stand there alone.
FROM ${NODE} AS onnxruntime
COPY deploy/local/onnxruntime.sh /src/deploy/local/
RUN /src/deploy/local/onnxruntime.sh /libonnxruntime.so.1

FROM ${GO} AS build
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
# hadolint ignore=DL3008
RUN apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev pkg-config libvips-dev libjpeg-dev && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY edge edge
COPY models models
ARG VERSION=unknown
RUN go build -trimpath -buildvcs=false -ldflags "-X main.version=${VERSION}" -o /edge ./edge

FROM ${BASE}
# The same libvips that the build saw; Debian's security updates come with a rebuild, so its version is not pinned.
# hadolint ignore=DL3008
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates libvips42 libjpeg62-turbo && rm -rf /var/lib/apt/lists/* \
	&& install -d -m 0700 -o 65532 -g 65532 /state
COPY --from=build /edge /usr/local/bin/edge
COPY --from=onnxruntime /libonnxruntime.so.1 /usr/local/bin/libonnxruntime.so.1
COPY deploy/docker/onnxruntime.LICENSE /usr/local/share/doc/onnxruntime/LICENSE
ENV STATE_DIRECTORY=/state
USER 65532:65532
EXPOSE 8081 7946/tcp 7946/udp
STOPSIGNAL SIGTERM
ENTRYPOINT ["/usr/local/bin/edge"]
CMD ["serve"]
