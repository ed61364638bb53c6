# make help lists the targets.

.PHONY: all help demo test check lint bench nemesis figures fuzz needs release image

all: ## build ./sidetext
	go build -trimpath -o sidetext ./server

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-9s %s\n", $$1, $$2 } /^#   / { sub(/^#   /, "               "); print }' $(MAKEFILE_LIST)

demo: ## show everything in one page, with simulated vendors
	go run ./server demo

# The race detector is on, except in two groups of packages. SQLite is C code that was
# translated to Go: its memory is not Go's, so the detector finds nothing there and
# makes it four times as slow. The functions of keyword, and the regular expressions
# that they match, are pure and start no goroutines, so they cannot race: without the
# detector the tests of keyword take 20 instead of 55 seconds of processor time. Many
# tests wait, so more of them run at once than there are processors.
RACE = -race \
	$(foreach p,modernc.org/sqlite/lib modernc.org/libc modernc.org/memory \
		sidetext/keyword/... regexp/...,-gcflags=$(p)=-race=false)

test: needs ## run every test; as root on Debian, install what they need first
	GOFLAGS="$$GOFLAGS $(RACE)" go test -timeout 1h -parallel 8 ./...

lint: ## check formatting, vet, staticcheck
	@unformatted=$$(gofmt -l .); test -z "$$unformatted" || { echo "not formatted: $$unformatted"; exit 1; }
	go vet ./...
	go tool staticcheck ./...

check: lint test ## lint and test; has to pass before a change is merged

bench: ## run the benchmarks; docs/performance.md explains the figures
	go test -run '^$$' -bench . -benchtime 1x -timeout 0 ./server/e2e/figures
	go test -run '^$$' -bench . -timeout 0 ./store ./hub ./sms/... ./keyword

NEMESIS_FOR ?= 1h
NEMESIS_NODES ?= 2
nemesis: ## make everything around the server fail, then around a fleet, and check the promises
#   NEMESIS_FOR=1h is how long each takes; NEMESIS_NODES=2 the size of the fleet
	NEMESIS_FOR=$(NEMESIS_FOR) go test -count 1 -v -timeout 0 -run '^TestNemesis$$' ./server/e2e/nemesis
	NEMESIS_FOR=$(NEMESIS_FOR) NEMESIS_NODES=$(NEMESIS_NODES) go test -count 1 -v -timeout 0 -run '^TestNemesisFleet$$' ./server/e2e/nemesis

FIGURE = TIMED=1 go test -count 1 -v -timeout 0 -parallel 1 ./server/e2e/figures -run
FLEET = TIMED=1 go test -count 1 -v -timeout 0 -parallel 1 ./server/e2e/fleet -run
figures: ## measure what docs/reliability.md promises, at full size, on an idle machine (45 minutes)
	KILLS=200 KILLS_TEXTS=500 $(FIGURE) '^TestFigureKills$$'
	DOUBLES=20000 $(FIGURE) '^TestFigureDoubles$$'
	OUTAGE_TEXTS=1000 OUTAGE_SECONDS=600 $(FIGURE) '^TestFigureOutage$$'
	WEBHOOKS=500 WEBHOOKS_SECONDS=20 WEBHOOKS_MOST_MS=1000 $(FIGURE) '^TestFigureWebhooks$$'
	SENDS=10000 SENDS_SCREENS=50 SENDS_PER_KILL=400 $(FIGURE) '^TestFigureSends$$'
	FRAMES=500 FRAMES_SECONDS=20 FRAMES_SOCKETS=1000 $(FIGURE) '^TestFigureFleetFrames$$'
	LOOP=64 LOOP_TEXTS=10000 LOOP_SOCKETS=1000 LOOP_NODES=3 $(FIGURE) '^TestFigureFleetLoop$$'
	STORM=5000 $(FLEET) '^TestFleetStorm$$'
	$(FLEET) '^TestFleet(Redis|CutOff|Postgres|Kill|Rolling)$$'

FUZZTIME ?= 20s
fuzz: ## run every fuzz target for a while
#   FUZZTIME=20s is how long each runs
	@for package in $$(go list ./...); do \
		for target in $$(go test -list '^Fuzz' $$package | grep '^Fuzz'); do \
			echo "$$package $$target"; go test -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) $$package || exit 1; \
		done; \
	done

# Programs that the tests run: a browser, PostgreSQL and Redis, and strace, which shows
# that the disk is synced before a text is acknowledged.
needs:
	@missing=; \
	command -v chromium >/dev/null || missing="$$missing chromium"; \
	command -v strace >/dev/null || missing="$$missing strace"; \
	command -v initdb >/dev/null || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing="$$missing postgresql"; \
	command -v redis-server >/dev/null || missing="$$missing redis-server"; \
	test -z "$$missing" || if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $$missing; \
	else \
		echo "The tests need:$$missing. On Debian: apt-get install$$missing" >&2; exit 1; \
	fi

VERSION ?= $(shell git describe --tags --always --dirty)
PLATFORMS = linux/amd64 linux/arm64 darwin/amd64 darwin/arm64
SBOM = github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@v1.9.0

# One static binary for each platform, built reproducibly (-trimpath, no cgo), with a
# bill of materials (CycloneDX); a file of checksums; and this version's part of the
# changelog.
release: ## build dist/: binaries for linux and darwin, checksums, bills of materials
	rm -rf dist && mkdir -p dist/tools && GOBIN=$(CURDIR)/dist/tools go install $(SBOM)
	@set -e; for platform in $(PLATFORMS); do \
		os=$${platform%/*}; arch=$${platform#*/}; name=sidetext-$(VERSION)-$$os-$$arch; echo "dist/$$name"; \
		GOOS=$$os GOARCH=$$arch CGO_ENABLED=0 go build -trimpath -ldflags '-s -X sidetext/server/app.released=$(VERSION)' -o dist/$$name ./server; \
		dist/tools/cyclonedx-gomod bin -json -licenses -version $(VERSION) -output dist/$$name.cdx.json dist/$$name; \
	done
	rm -r dist/tools
	awk '/^## /{ on = ($$2 == "$(VERSION:v%=%)") } on' CHANGELOG.md > dist/CHANGES.md && test -s dist/CHANGES.md
	cd dist && sha256sum sidetext-* > SHA256SUMS

IMAGE ?= sidetext
image: ## build the image for linux/amd64 and linux/arm64 (needs docker buildx)
#   IMAGE=sidetext is its name; PUSH=--push pushes it to a registry
	docker buildx build --platform linux/amd64,linux/arm64 --build-arg VERSION=$(VERSION) -t $(IMAGE):$(VERSION) $(PUSH) .
