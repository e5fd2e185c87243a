# Targets for people. `make` alone lists them.
SHELL := /bin/sh
NODE := node_modules/.bin/node
VITEST := $(NODE) node_modules/vitest/vitest.mjs run
INSTALLED := node_modules/.package-lock.json
RELEASE_TOOLS := packaging/tools/node_modules/.package-lock.json

.DEFAULT_GOAL := help
.PHONY: help up down check test e2e-full kill bench build release components format clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

up: $(INSTALLED) ## bring up a one-node cluster made by this kubeadm, and show that it works
	@$(NODE) tools/up.ts

down: $(INSTALLED) ## take that cluster away, with everything it left on the machine
	@$(NODE) tools/down.ts

check: $(INSTALLED) ## lint, types, import rules, unit and contract tests: what one runs all day
	@$(NODE) tools/check.ts

test: $(INSTALLED) $(RELEASE_TOOLS) ## check, then parity with upstream and end to end on real nodes
	@$(NODE) tools/test.ts

e2e-full: $(INSTALLED) ## every end-to-end scenario; the result stands in docs/e2e.md
	@$(NODE) tools/test.ts --full

kill: $(INSTALLED) ## init and reset killed in every phase and at random instants, and run again, on a real node
	@$(NODE) tools/kill.ts

bench: $(INSTALLED) ## ours and upstream's kubeadm measured in turns; the result stands in docs/benchmarks.md
	@$(NODE) tools/bench.ts

build: $(INSTALLED) ## dist/kubeadm (one executable), dist/lib (the library with its types) and its npm archive
	@$(NODE) tools/build.ts

release: $(INSTALLED) $(RELEASE_TOOLS) ## dist/release: all that is published, the same bytes each time (docs/release.md)
	@$(NODE) tools/release.ts

components: $(INSTALLED) ## build the real programs of a node into the cache
	@$(NODE) components/main.ts build

format: $(INSTALLED) ## write the formatter's and the linter's safe changes
	@$(NODE) node_modules/@biomejs/biome/bin/biome check --write

clean: ## remove what was built here (not the component cache)
	rm -rf dist node_modules packaging/tools/node_modules

# The machine's own npm and node only start this; everything else runs on the node that it brings.
$(INSTALLED): package.json package-lock.json
	@npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

# npm takes a runtime for another architecture only with --force.
$(RELEASE_TOOLS): packaging/tools/package.json packaging/tools/package-lock.json
	@npm ci --prefix $(<D) --force --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@
