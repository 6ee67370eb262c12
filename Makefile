# Seven verbs; .ci/run calls the same. Users of Tandem need none of them: "go build ./cmd/tandem".
.PHONY: check test lint generate benchmarks bench fuzz

buf  := go tool -modfile=proto/gen/go.mod buf
lint := go tool -modfile=$(CURDIR)/.ci/lint/go.mod golangci-lint
# How long each fuzz target runs, or how often (500x). A time that ends while an input is made smaller fails a sound target, so CI counts.
FUZZTIME ?= 10s
# 1x proves that benchmarks still run; "make benchmarks BENCHTIME=2s" measures.
BENCHTIME ?= 1x
# What "make bench" measures; finished measurements are kept in bench/results.jsonl and not made again.
BENCH ?= engines --results results.jsonl

# What a contributor runs before a commit: everything but the long rest of CI.
check: lint test

test:
	go test ./...
	go -C proto/gen test ./...
	go -C bench test ./...

lint: .protodeps
	$(buf) lint
	$(buf) format --diff --exit-code proto
	$(lint) run
	cd proto/gen && $(lint) run --config $(CURDIR)/.golangci.yml
	cd bench && $(lint) run --config $(CURDIR)/.golangci.yml

generate:
	go generate ./proto

benchmarks:
	go test -run '^$$' -bench . -benchtime $(BENCHTIME) -benchmem ./...
	go -C bench test -run '^$$' -bench . -benchtime $(BENCHTIME) -benchmem ./...

# The engine against its peers: half an hour.
bench:
	go -C bench run . $(BENCH)

# One target at a time: that is what "go test -fuzz" can do.
fuzz:
	@set -e; for package in $$(go list ./...); do \
	  for target in $$(go test -list '^Fuzz' $$package | grep '^Fuzz' || true); do \
	    echo "$$package $$target"; \
	    go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 10x $$package; \
	  done; \
	done

# The third-party protos that "buf lint" needs; printed once, refreshed by generate.
.protodeps:
	go -C proto/gen run ./protodeps $(CURDIR)/.protodeps
