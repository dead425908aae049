"""`status`: the exit code is the answer, at once or after waiting."""

from __future__ import annotations

import asyncio
import json

import msgspec
import pytest

from control.cli.outcome import Refusal, Unreachable
from control.cli.remote import Remote
from control.cli.status import _awaited, _code, _over
from control.desk.view import View
from control.migration.ledger import Cause, Phase
from tests.control.api.service import Service
from tests.control.cli.shell import Shell
from tests.control.office import ASK, source
from tests.control.rulings import RAMP
from tests.control.views import ramping


@pytest.fixture
async def ramped(api: Service) -> Service:
    await api.office.desk.apply("triage", source(more=RAMP), ASK)
    return api


@pytest.mark.parametrize(
    ("phase", "code"),
    [
        (Phase.PENDING, 0),
        (Phase.PROGRESSING, 0),
        (Phase.SOAKING, 0),
        (Phase.HEALTHY, 0),
        (Phase.PAUSED, 3),
        (Phase.ROLLING_BACK, 1),
        (Phase.DEGRADED, 1),
    ],
)
def test_without_waiting_the_code_is_the_phases(phase: Phase, code: int) -> None:
    assert _code(ramping(phase=phase), ()) == code
    assert _code(ramping(phase=phase), (phase,)) == 0


@pytest.mark.parametrize(
    ("phase", "cause", "over", "code"),
    [
        (Phase.PROGRESSING, Cause.STEPPED, False, 3),
        (Phase.ROLLING_BACK, Cause.ROLLED_BACK, False, 1),
        (Phase.PAUSED, Cause.STALE_METRICS, False, 3),
        (Phase.PAUSED, Cause.NO_TRAFFIC, False, 3),
        (Phase.PAUSED, Cause.BREACH, False, 3),
        (Phase.PAUSED, Cause.AWAITING_APPROVAL, True, 3),
        (Phase.PAUSED, Cause.MANUAL_PAUSE, True, 3),
        (Phase.DEGRADED, Cause.ROLLED_BACK, True, 1),
        (Phase.HEALTHY, Cause.COMPLETED, True, 3),
    ],
)
def test_only_what_may_come_by_itself_is_waited_for(
    phase: Phase, cause: Cause, over: bool, code: int
) -> None:
    view = ramping(phase=phase, cause=cause)
    assert _over(view, (Phase.SOAKING,)) is over
    assert _code(view, (Phase.SOAKING,)) == code


async def test_a_line_and_a_code(ramped: Service, shell: Shell) -> None:
    done = await shell("status", "triage")
    assert done.code == 0
    assert "triage  Pending  weight 0 %  version 1  Registered" in done.out
    await ramped.office.desk.start("triage", ASK)
    await ramped.office.desk.pause("triage", ASK)
    done = await shell("status", "triage", "-o", "json")
    assert (done.code, json.loads(done.out)["phase"]) == (3, "Paused")
    await ramped.office.desk.rollback("triage", ASK)
    assert (await shell("status", "triage")).code == 1


async def test_a_phase_is_waited_for(ramped: Service, shell: Shell) -> None:
    process = await shell.start("status", "triage", "--wait", "progressing,healthy")
    await asyncio.gather(process.wait(), ramped.office.desk.start("triage", ASK))
    assert process.returncode == 0


async def test_what_will_not_come_is_not_waited_for(ramped: Service, shell: Shell) -> None:
    await ramped.office.desk.rollback("triage", ASK)
    done = await shell("status", "triage", "--wait", "Healthy", "--wait", "Soaking")
    assert (done.code, "Degraded" in done.out) == (1, True)
    done = await shell("status", "triage", "--wait", "Degraded")
    assert done.code == 0


async def test_the_time_is_up(ramped: Service, shell: Shell) -> None:
    assert ramped.address in shell.url
    done = await shell("status", "triage", "--wait", "Healthy", "--timeout", "50ms")
    assert (done.code, done.out) == (3, "")
    assert "triage is still Pending after 0.05 s" in done.err


class Scripted(Remote):
    """A control plane that answers by a script."""

    def __init__(self, *looks: View | Refusal) -> None:
        super().__init__("http://127.0.0.1:9", None)
        self._looks = iter(looks)

    def get(self, path: str) -> object:
        assert path == "/api/migrations/triage"
        found = next(self._looks)
        if isinstance(found, Refusal):
            raise found
        return msgspec.to_builtins(found)


def test_a_lost_control_plane_is_waited_for() -> None:
    healthy = ramping(phase=Phase.HEALTHY)
    remote = Scripted(ramping(), Unreachable("gone"), healthy)
    answer, view = _awaited(remote, "triage", (Phase.HEALTHY,), None)
    assert (view, answer) == (healthy, msgspec.to_builtins(healthy))


async def test_no_control_plane_is_exit_code_4(nowhere: Shell) -> None:
    assert (await nowhere("status", "triage", "--wait", "Healthy")).code == 4


@pytest.mark.parametrize(
    "more", [("--wait", "Heathly"), ("--timeout", "soon"), ("--timeout", "-1"), ("--wait", "")]
)
async def test_what_is_no_phase_and_no_time_is_a_usage_error(
    shell: Shell, more: tuple[str, ...]
) -> None:
    assert (await shell("status", "triage", *more)).code == 2


async def test_an_unknown_migration_is_refused(shell: Shell) -> None:
    assert (await shell("status", "absent")).code == 1
