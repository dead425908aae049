"""`start`, `pause`, `resume`, `approve`, `reject`, `dismiss`: what they do and how they end."""

from __future__ import annotations

import pytest

from tests.control.api.service import Service
from tests.control.cli.shell import Shell
from tests.control.office import ASK, source
from tests.control.rulings import RAMP


@pytest.fixture
async def ramped(api: Service) -> Service:
    await api.office.desk.apply("triage", source(more=RAMP), ASK)
    return api


async def test_a_ramp_is_steered_from_the_shell(ramped: Service, shell: Shell) -> None:
    for words, told in (
        (("start",), "weight 1 %, Progressing (Started), version 2"),
        (("pause", "--reason", "freeze"), "weight 1 %, Paused (ManualPause: freeze), version 3"),
        (("resume",), "weight 1 %, Progressing (Resumed), version 4"),
        (("promote",), "weight 10 %, Progressing (Promoted), version 5"),
        (("approve",), "weight 10 %, Progressing (Promoted), version 6"),
        (("approve",), "unchanged: weight 10 %"),
        (("reject",), "weight 1 %, Paused (Rejected), version 7"),
        (("resume", "--reason", "fixed"), "weight 1 %, Progressing (Resumed: fixed), version 8"),
    ):
        verb, *rest = words
        done = await shell(verb, "triage", *rest)
        assert (done.code, told in done.out) == (0, True), (words, done)
    assert ramped.office.served[-1].routes[0].split.share == 100


async def test_what_the_ramp_does_not_take_is_refused(ramped: Service, shell: Shell) -> None:
    assert ramped.address in shell.url
    for verb in ("pause", "resume", "approve", "reject"):
        done = await shell(verb, "triage")
        assert (done.code, done.out) == (1, "")
        assert "'start triage' begins its ramp" in done.err


async def test_a_stale_version_is_refused(ramped: Service, shell: Shell) -> None:
    assert ramped.address in shell.url
    done = await shell("start", "triage", "--expected-version", "7")
    assert done.code == 1
    assert "triage is at version 1, not 7" in done.err


@pytest.mark.parametrize("more", [(), ("--limit", "error_rate over 2%")])
async def test_without_a_breach_there_is_nothing_to_dismiss(
    ramped: Service, shell: Shell, more: tuple[str, ...]
) -> None:
    assert ramped.address in shell.url
    await shell("start", "triage")
    done = await shell("dismiss", "triage", "--reason", "known", *more)
    assert (done.code, done.out) == (1, "")
    assert "no breach" in done.err
