"""What a change did, in lines: every answer of the admin API, and shapes that are none."""

from __future__ import annotations

import click
import msgspec
import pytest

from control.cli import told
from control.cli.outcome import TimedOut
from control.desk.outlook import weights
from control.desk.view import Changed, Timings
from control.migration.ledger import Phase, Verb

DONE = Changed(
    name="triage",
    verb=Verb.SET_WEIGHT,
    changed=True,
    phase=Phase.PROGRESSING,
    reason="WeightSet",
    version=2,
    weights=weights(1_250),
    latched=False,
    acknowledged=True,
    timings_ms=Timings(stored=1.25, acknowledged=2.5),
)


def answer(**changed: object) -> object:
    return msgspec.to_builtins(msgspec.structs.replace(DONE, **changed))


def test_a_change_is_two_lines(capsys: pytest.CaptureFixture[str]) -> None:
    told.change(answer(), "table")
    assert capsys.readouterr().out == (
        "triage: weight 12.5 %, Progressing (WeightSet), version 2\n"
        "  stored after 1.2 ms, served by all live workers after 2.5 ms\n"
    )


def test_one_that_lags_among_many_is_a_timeout(capsys: pytest.CaptureFixture[str]) -> None:
    lagging = answer(acknowledged=False, timings_ms=Timings(stored=1.0))
    with pytest.raises(TimedOut):
        told.change([answer(), lagging], "table")
    assert capsys.readouterr().out.count("triage: ") == 2


@pytest.mark.parametrize("odd", [None, 1, "x", {}, [1], {"name": "triage"}])
def test_another_shape_is_said_to_be_unknown(odd: object) -> None:
    with pytest.raises(click.ClickException, match="shape unknown"):
        told.change(odd, "table")


def test_a_hostile_name_reaches_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    told.change(answer(name="\x1b[2J"), "table")
    assert "\x1b" not in capsys.readouterr().out


def test_each_worker_of_several_has_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    timings = Timings(stored=1.0, acknowledged=9.0, workers={"b:2": 9.0, "a:1": 3.25})
    told.change(answer(timings_ms=timings), "table")
    assert capsys.readouterr().out.splitlines()[2:] == ["    a:1  3.2 ms", "    b:2  9.0 ms"]


def test_who_lags_behind_is_named_once(capsys: pytest.CaptureFixture[str]) -> None:
    lagging = answer(acknowledged=False, missing=("b:2",), timings_ms=Timings(stored=1.0))
    with pytest.raises(TimedOut, match="not served yet by b:2;"):
        told.change([lagging, lagging], "table")
