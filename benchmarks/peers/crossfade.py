"""crossfade as an operator runs it: serve, apply a migration, set its weight to 10."""

from __future__ import annotations

from pathlib import Path

from benchmarks.mocks.plain import Upstreams
from benchmarks.payload import MODEL
from benchmarks.peers import seeded
from benchmarks.process import REPOSITORY, Core, Process, free_port, python, run


def start(folder: Path, upstreams: Upstreams) -> tuple[Process, int]:
    """Start one process with everything on: routing, metering, histograms, cost, usage.

    Its hot path is compiled where `python -m scripts.compile` has filled build/compiled.
    """
    return _start(folder, upstreams, COMPILED if COMPILED.is_dir() else REPOSITORY)


def start_interpreted(folder: Path, upstreams: Upstreams) -> tuple[Process, int]:
    """The same, with nothing compiled."""
    return _start(folder, upstreams, REPOSITORY)


def _start(folder: Path, upstreams: Upstreams, home: Path) -> tuple[Process, int]:
    process, port, admin = _serve(folder, upstreams, home)
    migration = folder / "benchmark.yaml"
    migration.write_text(_MIGRATION.format(model=MODEL))
    try:
        for words in (("apply", migration), ("set", "weight", "benchmark", 10)):
            address = {"CROSSFADE_URL": f"http://127.0.0.1:{admin}", **_FOUND}
            run(python("control.cli", *words), core=Core.load, timeout_s=60, environment=address)
    except RuntimeError:
        process.stop()
        raise
    return process, port


def start_with_routes(folder: Path, upstreams: Upstreams, routes: int) -> tuple[Process, int]:
    """Start it with that many migrations in its state directory."""
    seeded.write(folder / "state", routes)
    home = COMPILED if COMPILED.is_dir() else REPOSITORY
    process, port, _ = _serve(folder, upstreams, home)
    return process, port


def _serve(folder: Path, upstreams: Upstreams, home: Path) -> tuple[Process, int, int]:
    port, admin = free_port(), free_port()
    config = folder / "crossfade.yaml"
    config.write_text(
        _CONFIG.format(
            port=port,
            admin=admin,
            folder=folder,
            old=f"{upstreams.scheme}://127.0.0.1:{upstreams.old}",
            new=f"{upstreams.scheme}://127.0.0.1:{upstreams.new}",
            trusted=f', ca_file: "{upstreams.ca_file}"' if upstreams.ca_file else "",
            model=MODEL,
        )
    )
    keys = {"OLD_KEY": "sk-benchmark-old", "NEW_KEY": "sk-benchmark-new"}
    command = python("control.cli", "serve", "-c", config)
    process = Process(
        "crossfade",
        command,
        core=Core.proxy,
        folder=folder,
        environment={**keys, "PYTHONPATH": str(home)},
    )
    return process.wait_for(admin).wait_for(port), port, admin


COMPILED = REPOSITORY / "build" / "compiled"
_FOUND = {"PYTHONPATH": str(REPOSITORY)}
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
