"""A host is latched and freed with nothing but its state directory: no store, no network."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from proxy.following import lastgood, latch
from proxy.following.latched import Latched
from tests.control.cli.shell import Shell
from tests.doubles.documents import document


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """The state directory of a host that serves the migration triage."""
    lastgood.save(tmp_path, document(3, share=2_500))
    return tmp_path


async def test_a_local_rollback_needs_no_control_plane(nowhere: Shell, state: Path) -> None:
    """Failure case 78: the command reaches nothing, and the latch is there."""
    done = await nowhere.process(
        "rollback", "triage", "--local", "--state-dir", state, "--reason", "wrong answers"
    )
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("triage: latched on this host\n")
    assert latch.read(state) == Latched(names=frozenset({"triage"}))
    noted = latch.note(state, "triage")
    assert noted is not None
    assert (noted.reason, noted.replay) == ("wrong answers", False)
    assert "@" in noted.actor


async def test_it_does_not_even_look_at_the_url(nowhere: Shell, state: Path) -> None:
    done = await nowhere(
        "rollback", "triage", "--local", CROSSFADE_URL="nonsense", CROSSFADE_STATE_DIR=str(state)
    )
    assert done.code == 0


async def test_retry_local_clears_it_once(nowhere: Shell, state: Path) -> None:
    place = ("--local", "--state-dir", state)
    await nowhere("rollback", "triage", *place)
    done = await nowhere("retry", "triage", *place)
    assert (done.code, latch.read(state)) == (0, Latched())
    assert "the latch of this host is cleared" in done.out
    done = await nowhere("retry", "triage", *place)
    assert done.code == 1
    assert "triage has no latch of its own; latched on this host: nothing" in done.err


async def test_everything_is_latched_and_freed_by_all(nowhere: Shell, state: Path) -> None:
    place = ("--all", "--local", "--state-dir", state)
    done = await nowhere("rollback", *place)
    assert (done.code, latch.read(state).everything) == (0, True)
    assert done.out.startswith("every migration: latched")
    done = await nowhere("retry", "triage", "--local", "--state-dir", state)
    assert "latched on this host: *" in done.err
    done = await nowhere("retry", *place)
    assert (done.code, latch.read(state)) == (0, Latched())
    assert (await nowhere("retry", *place)).code == 1


async def test_a_name_that_this_host_does_not_serve_is_latched_and_said(
    nowhere: Shell, state: Path
) -> None:
    """Better too much latched than a typo unnoticed, or a stale snapshot in the way."""
    done = await nowhere("rollback", "triaje", "--local", "--state-dir", state)
    assert done.code == 1
    assert "this host serves no such migration; it has: triage" in done.err
    assert latch.read(state).holds("triaje")


async def test_a_damaged_snapshot_is_in_nobodys_way(nowhere: Shell, tmp_path: Path) -> None:
    (tmp_path / "last-good").write_bytes(b"damaged")
    assert (await nowhere("rollback", "any", "--local", "--state-dir", tmp_path)).code == 0


async def test_the_answer_is_there_as_json(nowhere: Shell, state: Path) -> None:
    done = await nowhere("rollback", "triage", "--local", "--state-dir", state, "-o", "json")
    assert json.loads(done.out) == {"name": "triage", "latched": True, "state_dir": str(state)}


async def test_a_wrong_directory_is_refused(nowhere: Shell, tmp_path: Path) -> None:
    for verb in ("rollback", "retry"):
        done = await nowhere(verb, "x", "--local", "--state-dir", tmp_path / "missing")
        assert done.code == 1
        assert "--state-dir" in done.err


async def test_what_is_no_name_is_a_usage_error(nowhere: Shell, state: Path) -> None:
    assert (await nowhere("rollback", "../x", "--local", "--state-dir", state)).code == 2
    assert (await nowhere("rollback", "--local", "--state-dir", state)).code == 2


async def test_a_disk_that_refuses_is_told(nowhere: Shell, state: Path) -> None:
    (state / "latch").write_bytes(b"a file")
    done = await nowhere("rollback", "triage", "--local", "--state-dir", state)
    assert done.code == 1
    assert "nothing changed" in done.err
