# make          builds ./sidetext
# make demo     shows everything in one page
# make test     runs every test; as root it installs what they need (Debian)
# make check    formats, vets, lints, tests: what has to pass before a change lands
# make bench    measures; the figures are explained in docs/performance.md
# make fuzz     lets every fuzz target search for a while

.PHONY: all demo test check lint bench fuzz needs

all:
	go build -trimpath -o sidetext ./server

demo:
	go run ./server demo

test: needs
	go test -race -timeout 5m ./...

lint:
	@unformatted=$$(gofmt -l .); test -z "$$unformatted" || { echo "not formatted: $$unformatted"; exit 1; }
	go vet ./...
	go tool staticcheck ./...

check: lint test

bench:
	go test -run '^$$' -bench . -benchtime 1x ./server
	go test -run '^$$' -bench . ./store ./hub ./sms/... ./keyword

FUZZTIME ?= 20s
fuzz:
	@for package in $$(go list ./...); do \
		for target in $$(go test -list '^Fuzz' $$package | grep '^Fuzz'); do \
			echo "$$package $$target"; go test -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) $$package || exit 1; \
		done; \
	done

# What the tests run besides Go: a browser, and strace to see that the disk is
# really asked to keep what we say is kept.
needs:
	@missing=; \
	command -v chromium >/dev/null || missing="$$missing chromium"; \
	command -v strace >/dev/null || missing="$$missing strace"; \
	test -z "$$missing" || if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $$missing; \
	else \
		echo "The tests need:$$missing. On Debian: apt-get install$$missing" >&2; exit 1; \
	fi
