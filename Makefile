# The two targets that a newcomer needs are demo and test.

# Any Go from 1.21 on fetches the toolchain that the modules need.
export GOTOOLCHAIN := go1.27.3+auto

GO       ?= go
DIR      ?=
BENCH    ?=
MUTANTS  ?=
RUN      ?=
RUNS     ?= 1
ON       ?=
ENGINE   ?=
FUZZTIME ?= 60s
PROFILE  ?= $(CURDIR)/bin/cover.out

# What make mutants runs: MUTANTS=all, with KEEP=directory in a way that can be broken off, or further flags of
# desync-conform matrix.
MATRIX = $(if $(filter all,$(MUTANTS)),--whole --markdown MUTANTS.md --write ../README.md $(if $(KEEP),--keep $(abspath $(KEEP))),--seeds 3 --stop $(MUTANTS))

# The directories that go.work uses.
MODULES := $(shell sed -n 's|^[[:space:]]*\./||p' go.work)

# Those with large requirements, which are tested once, without the race detector.
NESTED := $(filter adapters/%,$(MODULES))
OTHERS := $(filter-out $(NESTED),$(MODULES))

# The checks in tools read files of other modules, which the test cache does not
# know of. A package that builds programs may take minutes where others compile too.
FRESH := -count=1 -timeout=20m

# For tests of what go vet has seen whole: go test would vet it again, and all that it requires.
VETTED := -vet=off

# Tests that may run beside each other wait for much of the time, so there are more of them than processors.
BESIDE := $(shell echo $$((2 * $$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2))))

.DEFAULT_GOAL := help
.PHONY: help demo test fmt vet unit hooks race offline portable bench fuzz conform peers mutants consumer release-plan lint vet-corpus tidy cover adapter nested

help: ## print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## index a source tree with Desync objects; DIR=path chooses the tree
	@cd tools && $(GO) build -o ../bin/demo ./cmd/demo
	@bin/demo $(DIR)

.PHONY: see
see: ## a program with a hot key, a slow object and stuck ones, and the page that shows them; DUMP=dir writes its timeline there and ends
	@cd tools && $(GO) build -o ../bin/see ./cmd/see
	@bin/see $(if $(DUMP),--dump=$(DUMP)) $(DIR)

.PHONY: picture
picture: ## draw the pictures of the README from runs: timeline.svg, and with a Chromium docs/see.png
	@cd tools && $(GO) run ./cmd/timeline ../timeline.svg
	@dir=$$(mktemp -d) && trap 'rm -rf "$$dir"' EXIT && $(MAKE) --no-print-directory see DUMP=$$dir && \
		for c in chromium-headless-shell chromium google-chrome; do command -v $$c >/dev/null && \
			$$c --headless --no-sandbox --log-level=3 --disable-gpu --hide-scrollbars --window-size=1280,720 --virtual-time-budget=4000 \
				--screenshot=docs/see.png "file://$$dir/timeline.html" && exit; done; \
		echo "make picture: docs/see.png was left out: it needs a Chromium (Debian: apt-get install chromium-headless-shell)"

.PHONY: scale bench-scale demo-scale
scale: ## natsmap while processes and servers are killed, stopped and cut off, 10 minutes; RUN=Kill9 RUNS=20 ON=one for less or more
	@cd adapters/natsmap/scale && $(GO) build -o $(CURDIR)/bin/scale .
	@bin/scale rows $(if $(RUN),-run '$(RUN)') -runs $(RUNS) $(if $(ON),-on $(ON))

bench-scale: ## natsmap beside plain consumers of NATS JetStream, 3 minutes
	@cd adapters/natsmap/scale && $(GO) build -o $(CURDIR)/bin/scale .
	@bin/scale bench

demo-scale: ## count identifiers in three processes, of which one is killed and one stopped, 30 seconds; ENGINE=kafka: consumers of Kafka; DIR=path chooses the tree
	@case "$(ENGINE)" in \
	"" | natsmap) (cd adapters/natsmap/scale && $(GO) build -o $(CURDIR)/bin/scale .) && bin/scale demo $(DIR);; \
	kafka) (cd adapters/kafka/examples && $(GO) build -o $(CURDIR)/bin/demo-kafka ./demo) && bin/demo-kafka $(DIR);; \
	*) echo "make demo-scale: there is no engine '$(ENGINE)'; there are natsmap, which it takes without one, and kafka" >&2; exit 2;; \
	esac

test: fmt vet unit nested ## all checks that must pass; 9 minutes on 2 idle cores, 13 with empty caches
	@$(MAKE) --no-print-directory -j2 hooks race
	@command -v "$$($(GO) env CC)" >/dev/null && echo "make test: all of it holds" || \
		echo "make test: it holds, but the race detector was left out: it needs a C compiler (gcc or clang)"

fmt: ## whether every file is formatted
	@echo "make fmt: all modules"
	@out=$$("$$($(GO) env GOROOT)/bin/gofmt" -l $(MODULES)) && test -z "$$out" || \
		{ echo "not formatted; run \"\$$(go env GOROOT)/bin/gofmt\" -w on" $$out; exit 1; }

vet: ## go vet, with and without the build tags
	@for m in $(OTHERS); do echo "make vet: $$m"; (cd $$m && $(GO) vet ./...) || exit 1; done
	$(GO) vet -tags desyncdebug ./futures/... ./desync/... ./adapters/...
	cd desync && $(GO) vet -tags desynchooks .

unit: ## the tests of all modules but those of make nested, a line for each package
	$(GO) test $(FRESH) $(VETTED) -parallel $(BESIDE) $(OTHERS:%=./%/...)

nested: ## vet, build and test the modules within adapters, which have large requirements
	@for m in $(NESTED); do echo "make nested: $$m"; \
		(cd $$m && $(GO) vet ./... && $(GO) build ./...) || exit 1; done
	$(GO) test $(FRESH) $(VETTED) $(NESTED:%=./%/...)

hooks: ## the interleavings of the state machine, and cycles of waits found without the race detector
	cd desync && $(GO) test -timeout=20m $(VETTED) -tags desynchooks -run 'Interleavings|FAIR2' . && $(GO) test -timeout=20m $(VETTED) -tags desyncdebug ./...

race: ## the tests with the race detector, which also finds cycles of waits
	@if command -v "$$($(GO) env CC)" >/dev/null; then set -x; \
		$(GO) test -timeout=20m $(VETTED) -race ./futures/... ./desync/... ./adapters/... ./adapters/kafka/... ./tools/cmd/demo/... ./tools/internal/index/... ./tools/bench/internal/subject/... ./tools/bench/internal/measure/...; fi

.PHONY: browser
browser: ## the pages of adapters/debug and flight in a Chromium; DESYNC_BROWSER=require makes it a failure that there is none
	cd adapters/debug/browser && $(GO) test -count=1 -timeout=5m -v ./...

.PHONY: sqlite
sqlite: ## what batched writes are worth with SQLite, beside a mutex and database/sql alone; a minute
	cd adapters/batch/sqlite && $(GO) test -run '^$$' -bench Writes -benchtime 1x -timeout 5m .
# KAFKA=pattern chooses the checks, RUNS=20 makes each as often.
KAFKA ?=

.PHONY: kafka scale-kafka bench-kafka
bench-kafka: ## adapters/kafka beside one record at a time for each partition and the parallel consumer of Confluent, 15 minutes; writes the table in its README; in parts: see the README of adapters/kafka/broker
	@cd adapters/kafka/broker && $(GO) build -o ../../../bin/kafka-broker . && cd ../../.. && bin/kafka-broker --jars $(CURDIR)/bin/kafka --write adapters/kafka/README.md $(BENCH) bench

scale-kafka: ## the same while processes, brokers and connections fail, 4 minutes; RUNS=20 makes each check as often
	@cd adapters/kafka/broker && $(GO) build -o ../../../bin/kafka-broker . && cd ../../.. && bin/kafka-broker --jars $(CURDIR)/bin/kafka --run '$(KAFKA)' --runs $(RUNS) scale

kafka: ## adapters/kafka on a real broker, which Maven fetches, two minutes; DESYNC_KAFKA=require makes it a failure that there is no Java or Maven
	@cd adapters/kafka/broker && $(GO) build -o ../../../bin/kafka-broker . && cd ../../.. && bin/kafka-broker --jars $(CURDIR)/bin/kafka --run '$(KAFKA)' --runs $(RUNS) check

offline: ## make test without a module proxy, a checksum database and, where that is allowed, a network; after make test
	@set -- env PATH="$$($(GO) env GOROOT)/bin:$$PATH" GOPROXY=off GOSUMDB=off $(MAKE) test GO=go GOTOOLCHAIN=local; \
	if unshare --user --map-root-user --net ip link set lo up 2>/dev/null; then \
		echo "make offline: in a network namespace of its own"; \
		unshare --user --map-root-user --net sh -c 'ip link set lo up && exec "$$@"' sh "$$@"; \
	else \
		echo "make offline: no network namespace can be made here with unshare and ip; the network stays within reach"; \
		"$$@"; \
	fi

# What the modules are vetted and built for beside the system at hand.
SYSTEMS := linux/386 linux/arm64 darwin/arm64 windows/amd64 freebsd/amd64 js/wasm

# Prints why a module cannot be on a system, nothing if it can: a line of
# "$$system:$$module") echo "reason";; for each.
define why_not
why_not() { case "$$1:$$2" in \
	js/wasm:adapters/debug/browser) echo "it starts a browser, and there are no processes";; \
	js/wasm:adapters/batch/sqlite) echo "SQLite needs a system with files and threads";; \
	js/wasm:adapters/kafka/examples) echo "modernc.org/sqlite does not support it";; \
	none) ;; \
	esac; }
endef

portable: ## vet and build all modules for other systems, test futures and desync on linux/386 and js/wasm; by hand, long
	@$(why_not); for system in $(SYSTEMS); do for m in $(MODULES); do \
		reason=$$(why_not $$system $$m); \
		if test -n "$$reason"; then echo "make portable: $$system $$m: left out: $$reason"; continue; fi; \
		echo "make portable: $$system $$m"; \
		(cd $$m && export GOOS=$${system%/*} GOARCH=$${system#*/} CGO_ENABLED=0 && $(GO) vet ./... && $(GO) build ./...) || exit 1; \
	done; done
	@case "$$($(GO) env GOHOSTOS)/$$($(GO) env GOHOSTARCH)" in \
	linux/amd64|linux/386) echo "make portable: tests on linux/386"; \
		GOARCH=386 CGO_ENABLED=0 $(GO) test $(FRESH) ./futures/... ./desync/...;; \
	*) echo "make portable: tests on linux/386: left out: this machine does not run its programs";; \
	esac
	@if command -v node >/dev/null; then echo "make portable: tests on js/wasm"; \
		PATH="$$($(GO) env GOROOT)/lib/wasm:$$PATH" GOOS=js GOARCH=wasm $(GO) test $(FRESH) ./futures/... ./desync/...; \
	else echo "make portable: tests on js/wasm: left out: node is not installed"; fi

bench: ## the costs beside plain Go and other libraries, 10 minutes; BENCH=--quick or --goals for less
	@cd tools/bench && $(GO) build -o ../../bin/bench .
	@bin/bench $(BENCH)

fuzz: ## random scripts of calls against the model, for FUZZTIME (60s)
	cd desync && $(GO) test -run '^$$' -fuzz FuzzModel -fuzztime $(FUZZTIME) -fuzzminimizetime 1x .

conform: ## the suite on all its subjects; writes the table in conformance/README.md
	cd conformance/subjects && $(GO) run . --write ../README.md

peers: ## judges implementations in other languages, those whose tools are there; writes the table in conformance/peers/README.md
	cd conformance/desync-conform && $(GO) run . peers --write --dir ../peers

.PHONY: peers-bench
peers-bench: ## what calls cost in peers of other languages, on one machine; writes the table in conformance/peers/BENCH.md; a minute
	cd conformance/subjects && $(GO) run . bench --write --dir ../peers --subject desync --claim 'desync (Rust)'

# The correct peers of the five libraries, and the crate that Desync for Go comes from. They mostly wait, so three run at a time.
CI_PEERS := 'desync (Rust)' 'thread and channel (Rust)' 'ThreadPoolExecutor(1)' 'promise chain' newSingleThreadExecutor 'thread and packaged_task (C++)'

.PHONY: peers-ci
peers-ci: ## a correct peer of each library, and the crate desync with its known failures; fails if one is not built whose tools are there; 3 minutes after the builds
	@cd conformance/desync-conform && $(GO) build -o ../../bin/ .
	@peers='bin/desync-conform peers --dir conformance/peers'; begin=$$(date +%s); \
	for p in $(CI_PEERS); do set -- "$$@" --only "$$p" --need "$$p"; done; \
	$$peers --build=only "$$@" || exit 1; \
	built=$$(date +%s); echo "make peers-ci: built in $$((built - begin)) s"; \
	printf '%s\0' $(CI_PEERS) | xargs -0 -P 3 -I '{}' $$peers --build=never --only '{}' || exit 1; \
	echo "make peers-ci: judged in $$(($$(date +%s) - built)) s"

mutants: ## whether broken implementations are found, with 3 seeds, 5 minutes; MUTANTS=all for 20, which writes MUTANTS.md and its summary in conformance/README.md (an hour and more)
	cd conformance/desync-conform && $(GO) run . matrix $(MATRIX)

consumer: ## each module as its users get it: packed, fetched, tested and used alone
	cd tools && $(GO) run ./cmd/modules consumer --tests

release-plan: ## what would be released, in which order and versions
	cd tools && $(GO) run ./cmd/modules release plan

lint: ## golangci-lint (.golangci.yml, pinned in tools/lint/go.mod), desyncvet, tidy go.mod files, knots of files, shellcheck, actionlint
	@cd tools/lint && GOWORK=off $(GO) build -o ../../bin/ github.com/golangci/golangci-lint/v2/cmd/golangci-lint
	@cd tools && $(GO) build -o ../bin/ ./cmd/desyncvet ./cmd/knots ./cmd/modules
	@for m in $(MODULES); do echo "lint: $$m"; \
		(cd $$m && $(CURDIR)/bin/golangci-lint run ./... && $(GO) vet -vettool=$(CURDIR)/bin/desyncvet ./...) || exit 1; done
	@bin/modules tidy --check
	@cd tools/lint/actions && GOWORK=off $(GO) build -o ../../../bin/ github.com/rhysd/actionlint/cmd/actionlint
	@bin/actionlint
	@bin/knots
	@if command -v shellcheck >/dev/null; then shellcheck .ci/run; else echo "make lint: shellcheck is not installed; left out"; fi

# The modules are pinned in the go.mod of the directory. None is left out.
PUBLIC := golang.org/x/tools golang.org/x/net golang.org/x/sync github.com/sourcegraph/conc github.com/panjf2000/ants/v2 \
	github.com/alitto/pond/v2 github.com/nats-io/nats.go github.com/hashicorp/raft go.etcd.io/bbolt github.com/dgraph-io/ristretto/v2 \
	github.com/valyala/fasthttp github.com/redis/go-redis/v9 github.com/twmb/franz-go

vet-corpus: ## desyncvet on the standard library and on public modules that use many goroutines: there must be no report; 10 minutes
	@cd tools && $(GO) build -o ../bin/ ./cmd/desyncvet
	cd tools/desyncvet/testdata/public && GOWORK=off $(GO) vet -vettool=$(CURDIR)/bin/desyncvet std $(PUBLIC:%=%/...)

tidy: ## go mod tidy in all modules, with their siblings from the tree
	@cd tools && $(GO) run ./cmd/modules tidy

cover: ## what the tests of all modules reach: a list of functions, and PROFILE.html, which shows the lines
	@mkdir -p bin
	$(GO) test -short -coverpkg=github.com/go-desync/go-desync/... -coverprofile=$(PROFILE) work
	$(GO) tool cover -func=$(PROFILE)
	$(GO) tool cover -html=$(PROFILE) -o $(PROFILE).html

adapter: ## write a new package of adapters; NAME=name
	@cd tools && $(GO) run ./cmd/adapter $(NAME)
