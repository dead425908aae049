"""The pair of files that `crossfade init` writes: a local configuration and a first migration."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from control.files.problems import Wrong

CONFIG = """\
# crossfade.yaml: what this host listens on, calls and keeps. Secrets never stand in it.
# 'crossfade lint crossfade.yaml' checks it; docs/configuration.md explains every field.

environment: staging              # staging, production, or any name; shown everywhere

listen: 127.0.0.1:8080            # the applications' base URL: http://127.0.0.1:8080/v1

admin:
  listen: 127.0.0.1:8081          # the API, /metrics, /healthz and /readyz
  # token_env: CROSSFADE_TOKEN    # needed as soon as this listens beyond loopback

# Who may use this proxy. Listening beyond loopback while an upstream has a key needs one of these:
# clients: {tokens_env: CLIENT_TOKENS}    # callers show one of these tokens
# clients: open                           # anyone who reaches it uses the keys below

state_dir: .crossfade             # migrations and the last good snapshot; starts at this file
# store: redis://127.0.0.1:6379   # for several hosts or workers; without it SQLite in state_dir
# workers: 4                      # processes that carry the traffic

upstreams:
  openai:
    url: https://api.openai.com   # without /v1: requests bring their path along
    dialect: openai
    # key_env: OPENAI_API_KEY     # with it crossfade sends this key; without it the caller's own
  # anthropic:
  #   url: https://api.anthropic.com
  #   dialect: anthropic
  #   key_env: ANTHROPIC_API_KEY
  # local:                        # any server that speaks one of the dialects
  #   url: http://127.0.0.1:11434
  #   dialect: ollama

models:                           # what migrations choose from
  gpt-4o:
    upstream: openai
    model: gpt-4o-2024-08-06      # what the upstream calls it
    status: production            # production, staging or retired
  gpt-4o-mini:
    upstream: openai
    status: staging
    # price: {input: 0.15, cached_input: 0.075, output: 0.60}  # USD per million tokens

# limits: {max_body: 64MiB, max_streams: 10000, first_byte_timeout: 600s}

# notifiers:                      # where messages about migrations go
#   ops: {kind: slack, url_env: SLACK_WEBHOOK}
"""

MIGRATION = """\
# first-migration.yaml: keep it in your team's repository, and apply it with
#   crossfade apply first-migration.yaml
# It starts at weight 0. 'crossfade start first-migration' goes through the steps below,
# 'crossfade set weight first-migration 10' moves 10 % of the callers by hand,
# 'crossfade rollback first-migration' moves them back.

migration: first-migration

reason: {kind: cost, text: "The small model may be good enough for triage"}
owner: you@example.com            # who decides on a rollback

match:
  model: gpt-4o                   # requests that ask for exactly this model
  # path: /v1/chat/completions
  # header: {x-team: support}     # more fields match fewer requests, and win

baseline: gpt-4o                  # names out of models in crossfade.yaml
candidate: gpt-4o-mini

# candidate_edits:                # what the candidate's requests change besides the model
#   set: {temperature: 0.2}
#   drop: [frequency_penalty]
#   rename: {max_tokens: max_completion_tokens}
#   system_prompt: {replace_file: prompts/triage.txt}

sticky:                           # what keeps a caller on one arm; the first one present decides
  by: [header:x-crossfade-key, body:user, body:safety_identifier, body:metadata.user_id]

steps:                            # docs/ramp.md says when a step passes
  - {weight: 1, hold: 5m}
  - {weight: 10, hold: 10m}
  - {weight: 50, hold: 15m, gate: approve}      # waits for 'crossfade approve first-migration'
  - {weight: 100, soak: 8h, holdback: 1}

limits:                           # each is a sequential test; the baseline is measured beside it
  - {metric: error_rate, over_baseline: 1.25x, on_fail: rollback, page: true}
  - {metric: error_rate, over: 5%, on_fail: rollback, page: true}
  - {metric: latency_p95, over_baseline: 1.5x, on_fail: step_back}
  # - {metric: cost_per_request, over: 0.02, on_fail: warn}
  # - {metric: quality, under: 0.90, on_fail: rollback, within: 30m}

min_requests: 300                 # of the candidate, before a step can pass

# notify: [{to: ops, every: 30m}]   # names out of notifiers in crossfade.yaml
"""


def starter() -> Mapping[str, str]:
    """The files' texts by name."""
    return {"crossfade.yaml": CONFIG, "first-migration.yaml": MIGRATION}


def write(folder: Path) -> tuple[Path, ...]:
    """Write the files into a folder, which is made where it is missing; never over another file."""
    paths = {folder / name: text for name, text in starter().items()}
    for path in paths:
        if path.exists():
            raise Wrong(f"{path} exists already", "name another folder: crossfade init DIR")
    folder.mkdir(parents=True, exist_ok=True)
    for path, text in paths.items():
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    return tuple(paths)
