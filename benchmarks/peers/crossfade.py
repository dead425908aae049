"""crossfade as an operator runs it: serve, apply a migration, set its weight to 10."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from benchmarks.mocks.plain import Upstreams
from benchmarks.payload import MODEL
from benchmarks.process import REPOSITORY, Core, Process, free_port, python


def start(folder: Path, upstreams: Upstreams) -> tuple[Process, int]:
    """Start one process with everything on: routing, metering, histograms, cost, usage."""
    port, admin = free_port(), free_port()
    config = folder / "crossfade.yaml"
    trusted = f', ca_file: "{upstreams.ca_file}"' if upstreams.ca_file else ""
    config.write_text(
        _CONFIG.format(
            port=port,
            admin=admin,
            folder=folder,
            old=f"{upstreams.scheme}://127.0.0.1:{upstreams.old}",
            new=f"{upstreams.scheme}://127.0.0.1:{upstreams.new}",
            trusted=trusted,
            model=MODEL,
        )
    )
    migration = folder / "benchmark.yaml"
    migration.write_text(_MIGRATION.format(model=MODEL))
    environment = {
        "PYTHONPATH": str(REPOSITORY),
        "OLD_KEY": "sk-benchmark-old",
        "NEW_KEY": "sk-benchmark-new",
        "CROSSFADE_URL": f"http://127.0.0.1:{admin}",
    }
    command = python("control.cli", "serve", "-c", config)
    process = Process("crossfade", command, core=Core.proxy, folder=folder, environment=environment)
    process.wait_for(admin).wait_for(port)
    for words in (("apply", migration), ("set", "weight", "benchmark", 10)):
        subprocess.run(
            python("control.cli", *words),
            env={**os.environ, **environment},
            cwd=folder,
            check=True,
            capture_output=True,
            timeout=60,
        )
    return process, port


_CONFIG = """
environment: benchmark
listen: 127.0.0.1:{port}
admin: {{listen: 127.0.0.1:{admin}}}
state_dir: {folder}/state
upstreams:
  old: {{url: "{old}", dialect: openai, key_env: OLD_KEY, inject_usage: true{trusted}}}
  new: {{url: "{new}", dialect: openai, key_env: NEW_KEY, inject_usage: true{trusted}}}
models:
  before: {{upstream: old, model: {model}}}
  after: {{upstream: new, model: gpt-4o-mini}}
"""
_MIGRATION = """
migration: benchmark
reason: {{kind: cost, text: "measured side by side"}}
owner: benchmark@example.com
match: {{model: {model}}}
baseline: before
candidate: after
"""
