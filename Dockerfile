# syntax=docker/dockerfile:1

# One static binary in an empty image. docs/operate explains how to run it.

# Both platforms are compiled on the build machine's own architecture.
FROM --platform=$BUILDPLATFORM golang:1.26.8-bookworm AS build
ARG TARGETOS TARGETARCH VERSION=devel
WORKDIR /src
COPY go.mod go.sum ./
RUN --mount=type=cache,target=/go/pkg/mod go mod download
COPY . .
RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build \
    CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH \
    go build -trimpath -buildvcs=false -ldflags "-s -X sidetext/server/app.released=$VERSION" -o /out/sidetext ./server
RUN mkdir -m 700 /out/data

# The binary needs only the root certificates: no shell, no time zones (the binary has
# its own), no /tmp, no user name.
FROM scratch
ARG VERSION=devel
LABEL org.opencontainers.image.title="Sidetext" \
      org.opencontainers.image.description="Between a store's SMS number and the Gorgias helpdesk" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.licenses="MIT"
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /out/sidetext /sidetext
# With SQLite, the default, the database and its key are stored here.
COPY --from=build --chown=65532:65532 /out/data /data
VOLUME /data
WORKDIR /
USER 65532:65532
EXPOSE 8080 9090
# A shutdown takes up to 25 seconds: docker run --stop-timeout 30.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=5s --timeout=6s --start-period=60s --retries=3 CMD ["/sidetext", "healthcheck"]
ENTRYPOINT ["/sidetext"]
CMD ["serve"]
