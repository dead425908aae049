"""crossfade as an operator runs it: serve, apply a migration, set its weight to 10."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from benchmarks.mocks.plain import Upstreams
from benchmarks.payload import MODEL
from benchmarks.peers import seeded
from benchmarks.process import REPOSITORY, Core, Process, free_port, python, run


class Served(NamedTuple):
    """A started crossfade, its port for applications and its admin API's."""

    process: Process
    port: int
    admin: int


def start(folder: Path, upstreams: Upstreams) -> tuple[Process, int]:
    """Start one process with everything on: routing, metering, histograms, cost, usage.

    Its hot path is compiled where `python -m scripts.compile` has filled build/compiled.
    """
    return _start(folder, upstreams, HOME)


def start_interpreted(folder: Path, upstreams: Upstreams) -> tuple[Process, int]:
    """The same, with nothing compiled."""
    return _start(folder, upstreams, REPOSITORY)


def start_on(folder: Path, upstreams: Upstreams, store: str) -> Served:
    """The same on a store of its own, with the migration at weight 10."""
    return _applied(folder, _serve(folder, upstreams, HOME, store))


def start_workers(folder: Path, upstreams: Upstreams, store: str, workers: int) -> Served:
    """The same in so many processes, which their parent started."""
    return _applied(folder, _serve(folder, upstreams, HOME, store, workers))


def start_bare(folder: Path, upstreams: Upstreams) -> tuple[Process, int]:
    """The data plane alone, on the state of one that was served before."""
    before = _applied(folder, _serve(folder, upstreams, HOME))
    before.process.stop()
    environment = {**_KEYS, "PYTHONPATH": str(HOME)}
    command = python("control.cli", "settings", "-c", folder / "crossfade.yaml")
    printed = run(command, core=Core.load, timeout_s=60, environment=environment)
    (folder / "settings.json").write_text(printed)
    process = Process(
        "bare",
        python("benchmarks.bare", folder / "settings.json"),
        core=Core.proxy,
        folder=folder,
        environment=environment | {"PYTHONPATH": f"{HOME}:{REPOSITORY}"},
    )
    return process.wait_for(before.port), before.port


def _start(folder: Path, upstreams: Upstreams, home: Path) -> tuple[Process, int]:
    process, port, _ = _applied(folder, _serve(folder, upstreams, home))
    return process, port


def _applied(folder: Path, served: Served) -> Served:
    migration = folder / "benchmark.yaml"
    migration.write_text(_MIGRATION.format(model=MODEL))
    try:
        for words in (("apply", migration), ("set", "weight", "benchmark", 10)):
            address = {"CROSSFADE_URL": f"http://127.0.0.1:{served.admin}", **_FOUND}
            run(python("control.cli", *words), core=Core.load, timeout_s=60, environment=address)
    except RuntimeError:
        served.process.stop()
        raise
    return served


def start_with_routes(folder: Path, upstreams: Upstreams, routes: int) -> tuple[Process, int]:
    """Start it with that many migrations in its state directory."""
    seeded.write(folder / "state", routes)
    process, port, _ = _serve(folder, upstreams, HOME)
    return process, port


def _serve(
    folder: Path, upstreams: Upstreams, home: Path, store: str = "embedded", workers: int = 1
) -> Served:
    port, admin = free_port(), free_port()
    config = folder / "crossfade.yaml"
    config.write_text(
        _CONFIG.format(
            port=port,
            admin=admin,
            folder=folder,
            store=store,
            workers=workers,
            old=f"{upstreams.scheme}://127.0.0.1:{upstreams.old}",
            new=f"{upstreams.scheme}://127.0.0.1:{upstreams.new}",
            trusted=f', ca_file: "{upstreams.ca_file}"' if upstreams.ca_file else "",
            model=MODEL,
        )
    )
    command = python("control.cli", "serve", "-c", config)
    process = Process(
        "crossfade",
        command,
        core=Core.proxy,
        folder=folder,
        environment={**_KEYS, "PYTHONPATH": str(home)},
    )
    return Served(process.wait_for(admin).wait_for(port), port, admin)


COMPILED = REPOSITORY / "build" / "compiled"
HOME = COMPILED if COMPILED.is_dir() else REPOSITORY
_KEYS = {"OLD_KEY": "sk-benchmark-old", "NEW_KEY": "sk-benchmark-new"}
_FOUND = {"PYTHONPATH": str(REPOSITORY)}
_CONFIG = """
environment: benchmark
listen: 127.0.0.1:{port}
admin: {{listen: 127.0.0.1:{admin}}}
state_dir: {folder}/state
store: {store}
workers: {workers}
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
