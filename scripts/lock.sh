#!/usr/bin/env bash
# Writes requirements/*.txt: exact versions with hashes, without the address of any index.
# `make lock` keeps the versions that are locked; `make lock UPGRADE=--upgrade` takes the newest.
set -euo pipefail
cd "$(dirname "$0")/.."

compile() { # compile FILE ARGUMENT...: one lock
  local file=$1
  shift
  .venv/bin/uv pip compile --quiet --universal --python-version 3.11 \
    --generate-hashes --no-emit-index-url --no-header --no-annotate --output-file "$file" "$@"
}

# The widest first: what it decides constrains the others, so no two locks disagree.
wide=requirements/bench.txt
compile "$wide" pyproject.toml --group dev --group bench --group build --group lock ${UPGRADE:-}
compile requirements/dev.txt pyproject.toml --group dev --group build --group lock --constraint "$wide"
compile requirements/demo.txt pyproject.toml --group demo --group build --constraint "$wide"
compile requirements/run.txt pyproject.toml --constraint "$wide"
compile requirements/build.txt --group pyproject.toml:build --constraint "$wide"
