# The whole developer interface. Everything is installed into .venv, from locks with hashes.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(PYTHON) -m pip --python $(BIN)/python install --quiet --disable-pip-version-check
APT := DEBIAN_FRONTEND=noninteractive apt-get -qq
TESTERS := 2 # processes: most tests wait, few compute
CHECKED := proxy control scripts tests benchmarks

.DEFAULT_GOAL := help
.PHONY: help demo test check bench compile lock map format clean redis

help:  ## what there is to make
	@sed -n 's/^\([a-z]*\):.*## /make \1\t/p' $(MAKEFILE_LIST) | expand -t 14

demo: .venv/demo.stamp  ## two local model APIs, weights, a ramp that rolls back by itself; keeps serving on a terminal
	@$(BIN)/crossfade demo

test: .venv/dev.stamp redis  ## every test
	$(BIN)/python -m pytest --numprocesses $(TESTERS)

check: .venv/dev.stamp redis  ## everything that has to hold: what CI runs
	$(BIN)/ruff format --check $(CHECKED)
	$(BIN)/ruff check $(CHECKED)
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/python -m scripts.check_mirror
	$(BIN)/python -m scripts.check_lengths
	$(BIN)/python -m scripts.check_locks
	$(BIN)/python -m scripts.check_links
	$(BIN)/python -m scripts.check_map
	$(BIN)/python -m scripts.check_readme
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest --numprocesses $(TESTERS)
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

bench: .venv/bench.stamp  ## side by side with nginx, HAProxy, Envoy; into benchmarks/results
	@for tool in nginx haproxy wrk; do command -v $$tool >/dev/null || missing="$$missing $$tool"; done; \
	  [ -z "$$missing" ] || \
	  { $(APT) update && $(APT) install --yes --no-install-recommends $$missing; }
	command -v cc >/dev/null && $(BIN)/python -m scripts.compile build/compiled || rm -rf build/compiled
	$(BIN)/python -m benchmarks

compile: .venv/dev.stamp  ## the hot path through mypyc into build/compiled; wants a C compiler
	$(BIN)/python -m scripts.compile build/compiled

lock: .venv/dev.stamp  ## requirements/*.txt out of pyproject.toml
	UPGRADE=$(UPGRADE) scripts/lock.sh

map: .venv/dev.stamp  ## the maps in CONTRIBUTING.md and docs/README.md
	$(BIN)/python -m scripts.check_map --write

format: .venv/dev.stamp  ## rewrites the code in the house's format
	$(BIN)/ruff format $(CHECKED)
	$(BIN)/ruff check --fix $(CHECKED)

redis: # the tests start real ones
	@command -v redis-server >/dev/null || \
	  { $(APT) update && $(APT) install --yes --no-install-recommends redis-server; }

clean:  ## forgets the environment and every cache
	rm -rf .venv .coverage* .mypy_cache .ruff_cache .pytest_cache .hypothesis dist

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "crossfade needs Python 3.11 or newer: make PYTHON=python3.11 ...")'
	$(PYTHON) -m venv --without-pip .venv

.venv/%.stamp: requirements/%.txt pyproject.toml | $(BIN)/python
	$(PIP) --require-hashes --requirement $<
	$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@
