"""What the desk answers with: the JSON that interfaces.md promises, from what there is."""

from __future__ import annotations

import msgspec
import pytest

from control.desk.outlook import weights
from control.desk.view import summary, view
from control.migration.ledger import Cause, Phase
from proxy.numbers.arm_figures import Figures, Percentiles
from proxy.policy import ArmName
from tests.control.states import state

ARM_FIELDS = {
    "requests": 0,
    "errors": 0,
    "client_cancelled": 0,
    "latency_ms": {"p50": None, "p95": None, "p99": None},
    "ttft_ms": {"p50": None, "p95": None, "p99": None},
    "tokens": {"input": 0, "cached_input": 0, "output": 0, "reasoning": 0},
    "cost_usd": None,
    "usage": {"final": 0, "estimated": 0, "missing": 0},
}


def json_of(record: object) -> dict[str, object]:
    return msgspec.json.decode(msgspec.json.encode(record), type=dict[str, object])


def test_get_holds_what_the_interface_promises() -> None:
    known = state(
        phase=Phase.PROGRESSING, cause=Cause.WEIGHT_SET, share=1_025, version=4, note="first look"
    )
    told = json_of(view(known, 9, {arm: Figures() for arm in ArmName}))
    assert told["name"] == "triage"
    assert told["phase"] == "Progressing"
    assert told["reason"] == "WeightSet: first look"
    assert told["version"] == 4
    assert told["snapshot_version"] == 9
    assert told["weights"] == {"baseline": 89.75, "candidate": 10.25}
    arms = msgspec.convert(told["arms"], dict[str, dict[str, object]])
    assert list(arms) == ["baseline", "candidate"]
    for arm in arms.values():
        assert ARM_FIELDS.items() <= arm.items()
    assert (arms["candidate"]["upstream"], arms["candidate"]["model"]) == ("openai", "gpt-4o-mini")


def test_every_figure_of_the_data_plane_is_shown_under_its_name() -> None:
    measured = Figures(requests=3, latency_ms=Percentiles(p50=1.5), cost_usd=0.25)
    arms = {ArmName.BASELINE: measured, ArmName.CANDIDATE: Figures()}
    told = view(state(), 1, arms)
    assert told.arms[ArmName.BASELINE].requests == 3
    assert told.arms[ArmName.BASELINE].latency_ms == Percentiles(p50=1.5)
    assert told.arms[ArmName.BASELINE].cost_usd == 0.25
    assert told.arms[ArmName.CANDIDATE].requests == 0


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0, b'{"baseline":100,"candidate":0}'),
        (1, b'{"baseline":99.99,"candidate":0.01}'),
        (1_000, b'{"baseline":90,"candidate":10}'),
        (1_250, b'{"baseline":87.5,"candidate":12.5}'),
        (10_000, b'{"baseline":0,"candidate":100}'),
    ],
)
def test_percents_are_plain_numbers(share: int, text: bytes) -> None:
    assert msgspec.json.encode(weights(share)) == text


def test_a_summary_says_who_and_since_when() -> None:
    told = summary(state(phase=Phase.DEGRADED, cause=Cause.ROLLED_BACK, version=3), 5)
    assert (told.actor, told.since) == ("jane@desk", "2026-01-02T03:04:05.678Z")
    assert (told.latched, told.version, told.created_version) == (True, 3, 1)
