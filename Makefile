# What can be made here. A machine with Go, git and make is enough for all but
# "interop" and "bench", which need npm; without a C compiler "test" does without -race.

# The toolchain is pinned: policy modules are compared byte for byte.
export GOTOOLCHAIN := go1.26.8

# The commit goes into the binary where git will tell it: a tree that another
# user owns is not an error.
VCS := $(shell git rev-parse HEAD >/dev/null 2>&1 && echo auto || echo false)

FUZZTIME ?= 10s
BENCH ?= .
ROUNDS ?= 5

# Compiled policies of the tests, for all packages and for the next run.
export SLUICE_TEST_CACHE := $(CURDIR)/.cache/wazero

# Policy modules in the tree. NAME.wasm is built from guest/policies/NAME.
MODULES := host/policy/standard.wasm host/policy/testdata/permissive.wasm
BUILD_MODULE = name="$$(basename "$$module" .wasm)"; mkdir -p bin; echo "build $$name.wasm"; \
	GOOS=wasip1 GOARCH=wasm CGO_ENABLED=0 go build -buildmode=c-shared -trimpath -buildvcs=false -ldflags='-s -w' \
		-o "bin/$$name.wasm" "./guest/policies/$$name" || exit 1

# The other sides that "interop" runs against.
INTEROP := .cache/interop
REFERENCE := @openai/codex@0.169.0
EVERYTHING := @modelcontextprotocol/server-everything@2026.8.31

.DEFAULT_GOAL := help

.PHONY: help
help: ## list what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: demo
demo: ## build everything and show it at work: real processes, real sockets
	@$(MAKE) --no-print-directory policies build
	@go run -buildvcs=false ./tests/demo bin/sluice

.PHONY: build
build: ## build bin/sluice, static
	CGO_ENABLED=0 go build -trimpath -buildvcs=$(VCS) -o bin/sluice ./cmd/sluice

.PHONY: test
test: lint ## run all tests, with the race detector where it works
	@if $(HAS_RACE); then \
		echo "first without the race detector: what it would skip, shorten or make slow (compiling the policies)"; \
		go test -run '^(TestUsualMessages|TestSwapHammer|TestSendingDoesNotAllocate)' ./host/policy ./host/rpc && \
		echo "go test -race ./..." && go test -race ./...; \
	else \
		echo "**** No C compiler found: testing WITHOUT the race detector."; \
		echo "**** Install gcc and its headers (Debian: gcc libc6-dev) for the full test."; \
		CGO_ENABLED=0 go test ./...; \
	fi

# The race detector needs cgo, and cgo a compiler that finds the C headers.
HAS_RACE = [ "$$(go env CGO_ENABLED)" = 1 ] && \
	printf '\#include <stdlib.h>\nint main(void) { return 0; }\n' | $$(go env CC) -x c - -o /dev/null 2>/dev/null

.PHONY: lint
lint: ## check formatting and go vet
	@unformatted="$$(gofmt -l .)"; if [ -n "$$unformatted" ]; then \
		echo "not formatted with gofmt:"; echo "$$unformatted"; exit 1; fi
	go vet ./...
	go vet -tags interop ./tests/interop/
	GOOS=wasip1 GOARCH=wasm go vet ./abi ./guest/...

.PHONY: policies
policies: ## rebuild the policy modules in the tree
	@for module in $(MODULES); do $(BUILD_MODULE); \
		cmp -s "bin/$${module##*/}" "$$module" || { mv "bin/$${module##*/}" "$$module"; echo "new: $$module"; }; \
	done

.PHONY: check-policies
check-policies: ## check that the modules in the tree are what their sources build to
	@for module in $(MODULES); do $(BUILD_MODULE); \
		cmp "bin/$${module##*/}" "$$module" || { echo "run 'make policies' and commit $$module"; exit 1; }; \
	done

.PHONY: fuzz
fuzz: ## run every fuzz target for FUZZTIME (10s)
	@go list ./... | while read -r package; do \
		go test -list '^Fuzz' "$$package" | grep '^Fuzz' | while read -r target; do \
			echo "== $$package $$target"; \
			go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) "$$package" </dev/null || exit 1; \
		done || exit 1; \
	done

.PHONY: bench
bench: build reference ## measure Sluice, the reference and net/http side by side (needs npm), and write BENCHMARKS.md
	go run ./tests/bench -sluice bin/sluice -reference "$(REFERENCE_BIN)" -rounds $(ROUNDS) -o BENCHMARKS.md

.PHONY: bench-stages
bench-stages: ## run the benchmarks of single stages that match BENCH (all)
	go test -run '^$$' -bench '$(BENCH)' -benchmem ./...

.PHONY: cross
cross: ## compile and vet for the other systems
	@for target in linux/arm64 darwin/arm64 windows/amd64; do \
		echo "== $$target"; \
		export GOOS=$${target%/*} GOARCH=$${target#*/} CGO_ENABLED=0; \
		go build ./... && go vet ./... || exit 1; \
	done

.PHONY: reference
reference: # the other sides, from npm
	npm install --silent --no-audit --no-fund --prefix $(INTEROP) $(REFERENCE) $(EVERYTHING)

REFERENCE_BIN = $$(find "$(CURDIR)/$(INTEROP)/node_modules/@openai" -path '*/vendor/*/bin/codex' -type f | head -n 1)

.PHONY: interop
interop: build reference ## test against the reference's server and client (needs npm)
	SLUICE_BIN="$(CURDIR)/bin/sluice" \
	SLUICE_REFERENCE="$(REFERENCE_BIN)" \
	SLUICE_EVERYTHING="$(CURDIR)/$(INTEROP)/node_modules/@modelcontextprotocol/server-everything/dist/index.js" \
	go test -count=1 -tags interop ./tests/interop/

.PHONY: oracles
oracles: ## compare the address rules with other projects' lists (a module of its own)
	cd tests/oracles && go vet . && go test -count=1 .

.PHONY: clean
clean: ## remove what was built
	rm -rf bin .cache
