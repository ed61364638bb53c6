# make          builds ./sidetext
# make demo     shows everything in one page
# make test     runs every test; as root it installs what they need (Debian)
# make check    formats, vets, lints, tests: what has to pass before a change lands
# make bench    measures; the figures are explained in docs/performance.md
# make nemesis  breaks everything around the server for an hour (NEMESIS_FOR), then around
#               NEMESIS_NODES of them on PostgreSQL and Redis, and checks what is left
# make figures  measures what docs/reliability.md promises, at full size, and fails when
#               something takes too long: three quarters of an hour, on an idle machine
# make fuzz     lets every fuzz target search for a while

.PHONY: all demo test check lint bench nemesis figures fuzz needs

all:
	go build -trimpath -o sidetext ./server

demo:
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

test: needs
	GOFLAGS="$$GOFLAGS $(RACE)" go test -timeout 1h -parallel 8 ./...

lint:
	@unformatted=$$(gofmt -l .); test -z "$$unformatted" || { echo "not formatted: $$unformatted"; exit 1; }
	go vet ./...
	go tool staticcheck ./...

check: lint test

bench:
	go test -run '^$$' -bench . -benchtime 1x -timeout 0 ./server/e2e/figures
	go test -run '^$$' -bench . -timeout 0 ./store ./hub ./sms/... ./keyword

NEMESIS_FOR ?= 1h
NEMESIS_NODES ?= 2
nemesis:
	NEMESIS_FOR=$(NEMESIS_FOR) go test -count 1 -v -timeout 0 -run '^TestNemesis$$' ./server/e2e/nemesis
	NEMESIS_FOR=$(NEMESIS_FOR) NEMESIS_NODES=$(NEMESIS_NODES) go test -count 1 -v -timeout 0 -run '^TestNemesisFleet$$' ./server/e2e/nemesis

FIGURE = TIMED=1 go test -count 1 -v -timeout 0 -parallel 1 ./server/e2e/figures -run
FLEET = TIMED=1 go test -count 1 -v -timeout 0 -parallel 1 ./server/e2e/fleet -run
figures:
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
fuzz:
	@for package in $$(go list ./...); do \
		for target in $$(go test -list '^Fuzz' $$package | grep '^Fuzz'); do \
			echo "$$package $$target"; go test -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) $$package || exit 1; \
		done; \
	done

# What the tests run besides Go: a browser; PostgreSQL and Redis; and strace to see
# that the disk is really asked to keep what we say is kept.
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
