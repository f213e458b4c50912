# Two commands do everything: `make demo` and `make test`. `make help` lists the rest.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PAGES := src/dataforge/server/static/worker.html
UI_SOURCES := $(shell find ui -path ui/node_modules -prune -o -type f -print 2>/dev/null)

# The first of several commands in a pipe may be the one that fails.
SHELL := bash
.SHELLFLAGS := -o pipefail -c

# Tests wait now and then, for processes, disks and pages: with two more of them than there are processors none is idle.
AT_ONCE = $(shell $(BIN)/python -c "import os; print((os.cpu_count() or 1) + 2)")

# Where several are at work side by side, every line says whose it is.
TOLD = $(if $(SIDE_BY_SIDE),2>&1 | awk '{ print "$@: " $$0; fflush() }')

# Modules are compiled when first imported: to compile all of them beforehand takes longer than to install them.
# What was compiled is kept, whatever the environment says, or each of hundreds of processes would do it again.
unexport PYTHONDONTWRITEBYTECODE
INSTALL := pip install --quiet --no-compile
MADE = test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) && $(BIN)/$(INSTALL) -U pip

.DEFAULT_GOAL := help

.PHONY: help
help:  ## list the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

.PHONY: demo
demo: $(VENV)/.ready $(PAGES)  ## label real images with simulated workers, end to end
	$(BIN)/dataforge demo
	@echo "To use dataforge in this checkout, first:  . $(BIN)/activate"

.PHONY: test
test:  ## everything: style, types, front end, tests in a browser too
	@$(MAKE) --no-print-directory --keep-going --jobs=4 SIDE_BY_SIDE=1 check test-ui test-all \
	|| { echo "Not all is well: what failed has a line with *** above, and says more in the lines that bear its name"; exit 1; }

.PHONY: check
check: $(VENV)/.ready-dev  ## style and types, those of guides and examples too
	$(BIN)/ruff check . $(TOLD)
	$(BIN)/ruff format --check . $(TOLD)
	$(BIN)/python scripts/guides.py
	$(BIN)/mypy -p dataforge -p guides $(TOLD)

.PHONY: test-ui
test-ui: ui/node_modules/.package-lock.json  ## the front end's own tests
	(cd ui && npm run check && npm test) $(TOLD)

.PHONY: test-all
test-all: $(VENV)/.ready-dev $(PAGES) chromium  ## the tests of the package, of the server and of the pages in a browser
	$(BIN)/python scripts/tried.py --at-once $(AT_ONCE) $(TOLD)

.PHONY: test-python
test-python: $(VENV)/.ready-dev $(PAGES)  ## those that need no browser; some of them: ARGS="tests/cli -k help"
	$(BIN)/python scripts/tried.py $(or $(ARGS),--at-once $(AT_ONCE) --ignore tests/browser)

.PHONY: test-pages
test-pages: $(VENV)/.ready-dev $(PAGES) chromium  ## those of the pages in a browser
	$(BIN)/python scripts/tried.py --at-once 2 tests/browser

.PHONY: test-without-numba
test-without-numba: $(VENV)-without-numba/.ready $(PAGES)  ## the tests of the package where numba is not installed
	nice $(VENV)-without-numba/bin/pytest --at-once $(AT_ONCE) --ignore tests/browser

.PHONY: test-learning
test-learning: $(VENV)-learning/.ready  ## the tests that need torch (900 MB), in an environment of their own
	OMP_NUM_THREADS=1 $(VENV)-learning/bin/pytest tests/learning tests/aggregation/test_interface_of_families.py

.PHONY: crash
crash: $(VENV)/.ready-dev $(PAGES)  ## kill servers and launchers for longer than the test suite does
	$(BIN)/pytest tests/crash -m crash --crash-trials=$(or $(TRIALS),25) -s --timeout=3600

.PHONY: trials
trials: $(VENV)/.ready-dev $(PAGES)  ## try what the test suite tries a few times as often as can be; a part: PART=tests/adversary LOOKS=60 MOMENTS=40
	$(BIN)/pytest -v -m "trials or thorough" --moments=$(or $(MOMENTS),1) --adversary-pages=$(or $(LOOKS),2000) \
	--hypothesis-profile="$(or $(PROFILE),trials)" --at-once $(AT_ONCE) --timeout=3600 $(PART)

.PHONY: bench
bench: $(VENV)/.ready-dev $(PAGES)  ## benchmarks of the platform, the run loop, uploads, the start, merging and the cluster
	$(BIN)/python benchmarks/platform.py
	$(BIN)/python benchmarks/run_loop.py
	$(BIN)/python benchmarks/uploads.py
	$(BIN)/python benchmarks/start_up.py
	$(BIN)/python benchmarks/label_opening.py
	$(BIN)/python benchmarks/merging.py
	$(BIN)/python benchmarks/aggregation_distributed.py --labels 10m

.PHONY: screenshots
screenshots: $(VENV)/.ready-dev $(PAGES) chromium  ## make the README's pictures anew, and those of all screens to look at
	$(BIN)/python scripts/screenshots.py
	$(BIN)/python scripts/screens.py $(ARGS)

.PHONY: wire
wire: $(VENV)/.ready  ## write the pages' types of the API anew, after a change of a record, a reply or a route
	$(BIN)/python scripts/wire.py

.PHONY: pages
pages: $(PAGES)  ## build the front end into the package

.PHONY: wheel
wheel: $(VENV)/.ready $(PAGES)  ## build the wheel, pages included, into dist/, and try it without Node
	$(BIN)/pip wheel -q --no-deps -w dist .
	PYTHON=$(BIN)/python scripts/check-wheel

.PHONY: chromium
chromium:
	@command -v chromium-headless-shell >/dev/null || scripts/install-chromium

.PHONY: clean
clean:  ## remove everything that was built
	rm -rf $(VENV) $(VENV)-learning $(VENV)-without-numba ui/node_modules src/dataforge/server/static dist build .pytest_cache .mypy_cache .ruff_cache

$(VENV)/.ready: pyproject.toml
	$(MADE)
	$(BIN)/$(INSTALL) -e .
	@touch $@

# What tests need is looked for together with what the package needs: by itself it would take as long once more.
$(VENV)/.ready-dev: pyproject.toml
	$(MADE)
	$(BIN)/$(INSTALL) -e . --group dev
	@touch $(VENV)/.ready $@

$(VENV)-without-numba/.ready: pyproject.toml
	$(PYTHON) -m venv $(VENV)-without-numba
	$(VENV)-without-numba/bin/$(INSTALL) -U pip
	$(VENV)-without-numba/bin/$(INSTALL) -e . --group test
	@touch $@

$(VENV)-learning/.ready: pyproject.toml
	$(PYTHON) -m venv $(VENV)-learning
	$(VENV)-learning/bin/$(INSTALL) -U pip
	$(VENV)-learning/bin/$(INSTALL) -e '.[learning]' --group test
	@touch $@

ui/node_modules/.package-lock.json: ui/package-lock.json
	@command -v npm >/dev/null || { echo "building the pages needs Node 20 or newer, with npm"; exit 1; }
	cd ui && npm ci --no-audit --no-fund
	@touch $@

$(PAGES): ui/node_modules/.package-lock.json $(UI_SOURCES)
	cd ui && npm run build
	@touch $@
