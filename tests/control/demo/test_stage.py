"""The stage: real processes that start together, and leave nothing behind."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from pathlib import Path
from subprocess import PIPE
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import pytest

from control.demo import stage as stages
from control.demo.stage import Stage, StageError, free


def test_a_stage_answers_and_then_is_gone() -> None:
    with Stage() as stage:
        folder = stage.folder
        with urlopen(f"{stage.admin_url}/readyz") as answer:
            assert answer.status == 200
        assert (folder / "crossfade.yaml").exists()
    assert not folder.exists()
    for url in (stage.url, stage.admin_url, stage.old, stage.new):
        with pytest.raises(URLError):
            urlopen(url)


def test_a_process_that_does_not_listen_to_reason_is_killed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(stages, "STOP_S", 0.1)
    deaf = "from signal import *; signal(SIGTERM, SIG_IGN); print(flush=True); pause()"
    words = [sys.executable, "-c", deaf]
    with subprocess.Popen(words, stdin=PIPE, stdout=PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        stages._stop(process)
    assert process.returncode == -signal.SIGKILL


def test_two_stages_stand_side_by_side(stage: Stage) -> None:
    with Stage() as other:
        assert len({stage.listen, stage.admin, other.listen, other.admin}) == 4


def test_commands_reach_the_stage_whatever_the_environment_says(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CROSSFADE_URL", "http://127.0.0.1:9")
    assert stage.crossfade("list").status == 0
    assert stage.crossfade("get", "nobody").status == 1


def test_the_metrics_are_those_of_the_stage(stage: Stage) -> None:
    assert "crossfade_snapshot_version" in stage.metrics()


def test_a_taken_port_is_not_insisted_on() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert free(port) not in (port, 0)


def test_a_free_port_is_kept_unless_it_is_promised() -> None:
    port = free(0)
    assert free(port) == port
    assert free(port, but=port) != port


def test_ports_that_are_taken_meanwhile_are_given_up() -> None:
    stage = Stage()
    places = [stage.listen, stage.admin]
    host, _, port = stage.admin.partition(":")
    with socket.create_server((host, int(port))), stage:
        assert not {stage.listen, stage.admin} & set(places)
        assert "crossfade_snapshot_version" in stage.metrics()


@pytest.mark.parametrize("broken", ["model API old", "crossfade serve"])
def test_what_does_not_start_is_named(
    broken: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    starts = ["model API old", "model API new", "crossfade serve"]
    python = tmp_path / "python"
    python.write_text(
        "#!/bin/sh\n"
        f'echo start >> "{tmp_path}/starts"\n'
        f'[ "$(wc -l < "{tmp_path}/starts")" -gt {starts.index(broken)} ] && exit 7\n'
        f'exec "{sys.executable}" "$@"\n'
    )
    python.chmod(0o755)
    monkeypatch.setattr(stages.sys, "executable", str(python))
    with pytest.raises(StageError, match=broken), Stage():
        pass


def status(url: str) -> int:
    asked = Request(f"{url}/v1/chat/completions", data=b'{"model": "m"}', method="POST")
    try:
        with urlopen(asked) as answer:
            return int(answer.status)
    except HTTPError as refused:
        with refused:
            return refused.code


def test_the_candidate_turns_bad_and_good_again(stage: Stage) -> None:
    stage.turn_bad(99)
    try:
        assert 500 in [status(stage.new) for _ in range(3)]
    finally:
        stage.turn_bad(0)
    assert status(stage.new) == 200
