# spanrig: what a newcomer and CI run. `make help` lists the targets.
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

GO ?= go
export CGO_ENABLED ?= 0
CORPUS_DIR ?= $(abspath ../shared/corpus)
export CORPUS_DIR

.PHONY: help
help: ## list the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: build
build: ## build bin/spanrig (static, no cgo); RELEASE=v1.2.3 names it where there is no git
	$(GO) build -trimpath $(if $(RELEASE),-ldflags "-X github.com/spanrig/spanrig/rig/cli.release=$(RELEASE)") -o bin/spanrig ./rig/cmd/spanrig

.PHONY: demo
demo: build ## judge the repository's own recordings: no hardware, no root
	./bin/spanrig judge fixtures/traces/clean-ldm fixtures/traces/ldm1-tls fixtures/traces/ldm3-dns-only fixtures/traces/cap1-slot-missing || test $$? -eq 1
	./bin/spanrig judge fixtures/traces/ldm1-tls || test $$? -eq 1

.PHONY: tools
tools: ## install what the tests use beside Go (Debian packages, as root)
	./.ci/tools

.PHONY: test
test: tools ## all tests; says what it could not run and why
	./.ci/test

.PHONY: table
table: ## print the table of recordings against claims
	$(GO) test ./rig/replay -run TestTable -count=1 -v

.PHONY: sim
sim: tools ## the whole table of faults on simulated benches, live (root; half an hour)
	SPANRIG_SIM=all $(GO) test -tags live -count=1 -timeout 90m -parallel $${SIM_PARALLEL:-4} -run '^TestLiveTable$$' -v ./rig/sim | .ci/simlines

.PHONY: usb
usb: ## the drivers on a real USB stack: Debian's kernel in QEMU
	./.ci/usb

.PHONY: crosscheck
crosscheck: build ## hold the flows of the corpus against tshark
	./.ci/crosscheck

.PHONY: fuzz
fuzz: ## fuzz every target for FUZZTIME (default 10s)
	./.ci/fuzz

.PHONY: bench
bench: build ## speed and memory beside softflowd, ndpiReader, tshark, nfdump; the recorder beside dumpcap; verify beside judge
	./.ci/bench
	./.ci/bench-record
	./.ci/bench-verify

.PHONY: lint
lint: ## gofmt, go vet
	@test -z "$$(gofmt -l .)" || { gofmt -l .; exit 1; }
	$(GO) vet ./...
	$(GO) vet -tags live ./rig/record ./rig/sim ./rig/sim/device ./specs

.PHONY: clean
clean: ## remove what was built
	rm -rf bin out
