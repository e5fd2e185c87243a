# These targets are for people. `make` alone lists them.
SHELL := /bin/sh
NODE := node_modules/.bin/node
VITEST := $(NODE) node_modules/vitest/vitest.mjs run
INSTALLED := node_modules/.package-lock.json
RELEASE_TOOLS := packaging/tools/node_modules/.package-lock.json

.DEFAULT_GOAL := help
.PHONY: help up down check test fuzz differential e2e-full e2e-report kill bench build release generate components format clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

up: $(INSTALLED) ## make a one-node cluster with this kubeadm, and show that it works
	@$(NODE) tools/up.ts

down: $(INSTALLED) ## remove that cluster and everything that it left on the machine
	@$(NODE) tools/down.ts

check: $(INSTALLED) ## lint, types, import rules, wording, unit and contract tests, for every day
	@$(NODE) tools/check.ts

test: $(INSTALLED) $(RELEASE_TOOLS) ## check, then parity with upstream and end-to-end tests on real nodes
	@$(NODE) tools/test.ts

fuzz: $(INSTALLED) ## try N random inputs in process (default 1,000,000, SEED=… repeats them)
	@$(NODE) test/fuzz/fuzz.ts

differential: $(INSTALLED) ## run N random cases with upstream's binary and this kubeadm (default 1,000, SEED=… repeats them)
	@$(NODE) test/parity/differential/differential.ts

e2e-full: $(INSTALLED) ## run every end-to-end scenario and write dist/e2e.md
	@$(NODE) tools/test.ts --full

e2e-report: $(INSTALLED) ## copy the results of the last `make e2e-full` to docs/e2e.md
	@$(NODE) tools/e2e-results.ts

kill: $(INSTALLED) ## kill init, join, reset and upgrade in every phase and at random instants on real nodes, and run them again
	@$(NODE) tools/kill.ts

bench: $(INSTALLED) ## measure this kubeadm and upstream's in turns and write docs/benchmarks*.md
	@$(NODE) tools/bench.ts

build: $(INSTALLED) ## build dist/kubeadm (one executable), dist/lib (the library with its types) and its npm archive
	@$(NODE) tools/build.ts

release: $(INSTALLED) $(RELEASE_TOOLS) ## build all files of a release in dist/release, with the same bytes each time (docs/release.md)
	@$(NODE) tools/release.ts

generate: $(INSTALLED) ## write the generated code and docs/reference again, which needs Go
	@$(NODE) tools/protos/generate.ts update
	@$(NODE) tools/kubernetes-types/update.ts
	@$(NODE) tools/component-configs.ts update
	@$(NODE) tools/docs/update.ts

components: $(INSTALLED) ## build the real programs of a node into the cache
	@$(NODE) components/main.ts build

format: $(INSTALLED) ## write the formatter's and the linter's safe changes
	@$(NODE) node_modules/@biomejs/biome/bin/biome check --write

clean: ## remove all results of a build, except the component cache
	rm -rf dist node_modules packaging/tools/node_modules

# The machine's npm and node only install the packages. All other steps run on the node of these packages.
$(INSTALLED): package.json package-lock.json
	@npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

# npm installs a runtime for another architecture only with --force.
$(RELEASE_TOOLS): packaging/tools/package.json packaging/tools/package-lock.json
	@npm ci --prefix $(<D) --force --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@
