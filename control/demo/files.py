"""The demo's two files, as text: crossfade.yaml and one migration."""

from __future__ import annotations

from collections.abc import Mapping

NAME = "support-triage"
ASKED = "gpt-4o"  # what the applications ask for before, during and after

CONFIG = """\
environment: demo
listen: {listen}
admin:
  listen: {admin}
state_dir: state
upstreams:
  old:       {{url: "{old}", dialect: openai, key_env: DEMO_OLD_KEY}}
  new:       {{url: "{new}", dialect: openai, key_env: DEMO_NEW_KEY}}
  anthropic: {{url: "{old}", dialect: anthropic, key_env: DEMO_OLD_KEY}}
  gemini:    {{url: "{old}", dialect: gemini, key_env: DEMO_OLD_KEY}}
models:
  gpt-4o:      {{upstream: old, model: gpt-4o-2024-08-06, status: production}}
  gpt-4o-mini: {{upstream: new, status: staging}}
"""

MIGRATION = """\
migration: support-triage
reason: {kind: cost, text: "The new model costs a tenth per token"}
owner: you@example.com
match: {model: gpt-4o}
baseline: gpt-4o
candidate: gpt-4o-mini
candidate_edits:
  set: {temperature: 0.2}
steps:
  - {weight: 10, hold: 5s}
  - {weight: 50, hold: 1m}
  - {weight: 100, soak: 8h, holdback: 1}
min_requests: 40
limits:
  - {metric: error_rate, over_baseline: 1.25x, on_fail: rollback, page: true}
  - {metric: latency_p95, over: 2s, on_fail: hold}
"""

KEYS: Mapping[str, str] = {"DEMO_OLD_KEY": "demo-key-of-old", "DEMO_NEW_KEY": "demo-key-of-new"}


def config(*, listen: str, admin: str, old: str, new: str) -> str:
    """crossfade.yaml for these addresses."""
    return CONFIG.format(listen=listen, admin=admin, old=old, new=new)
