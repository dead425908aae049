"""Rules between a migration's arms and this host's models."""

from __future__ import annotations

from pathlib import Path

import pytest

from control.files import config, plan
from control.files.written import parse

LOCAL = """\
upstreams:
  openai: {url: "https://a", dialect: openai, key_env: KEY}
  keyless: {url: "https://b", dialect: openai}
  keyed: {url: "https://c", dialect: openai, key_env: KEY}
  claude: {url: "https://d", dialect: anthropic, key_env: KEY}
  broken: {url: "ftp://e", dialect: openai}
models:
  old: {upstream: openai}
  new: {upstream: openai}
  elsewhere: {upstream: keyed}
  unkeyed: {upstream: keyless}
  sonnet: {upstream: claude}
  gone: {upstream: openai, status: retired}
  broken: {upstream: broken}
"""


def problems(baseline: str, candidate: str, *lines: str, local: str | None = LOCAL) -> list[str]:
    known = None
    if local is not None:
        known = config.examine(parse(local, "c"), Path(), {"KEY": "k"}).config
    text = "\n".join(
        [
            f"baseline: {baseline}",
            f"candidate: {candidate}",
            "migration: m",
            "reason: {kind: cost, text: x}",
            "owner: o",
            "match: {model: old}",
            *lines,
        ]
    )
    examined = plan.examine(parse(text, "f"), lambda name: name, known)
    return [str(problem) for problem in examined.problems]


@pytest.mark.parametrize(
    ("baseline", "candidate"),
    [("old", "new"), ("old", "elsewhere")],
)
def test_arms_that_go_together_have_no_problem(baseline: str, candidate: str) -> None:
    assert problems(baseline, candidate) == []


@pytest.mark.parametrize(("candidate", "key"), [("new", "openai"), ("elsewhere", "keyed")])
def test_a_key_on_one_side_alone_is_a_warning(candidate: str, key: str) -> None:
    """The same 429 is a caller's on the one side and the arm's on the other (docs/adr/0037)."""
    assert problems("unkeyed", candidate) == [
        (
            f"f:2: warning: candidate: has the key of upstream {key}, the baseline its callers' "
            "keys: a 429 counts against the candidate alone"
        )
    ]


def test_unknown_models_are_both_named_with_a_hint() -> None:
    assert problems("odl", "snnet") == [
        "f:1: baseline: is not one of the models in crossfade.yaml (did you mean old?)",
        "f:2: candidate: is not one of the models in crossfade.yaml (did you mean sonnet?)",
    ]
    without = LOCAL.partition("models:")[0]
    assert problems("old", "new", local=without)[0].endswith("(add it to models)")


def test_both_arms_share_a_dialect() -> None:
    assert problems("old", "sonnet") == [
        "f:2: candidate: speaks anthropic and the baseline openai (both arms must share a dialect)"
    ]


def test_an_arm_elsewhere_needs_a_key_of_its_own() -> None:
    assert problems("old", "unkeyed") == [
        (
            "f:2: candidate: is on upstream keyless, which has no key of its own "
            "(the callers' keys are for the baseline's upstream; give that one key_env or key_file)"
        )
    ]


def test_an_upstream_with_problems_is_not_judged_again() -> None:
    assert problems("old", "broken") == []


def test_a_retired_candidate_is_a_warning() -> None:
    assert problems("old", "gone") == ["f:2: warning: candidate: is a retired model"]


def test_two_equal_arms_are_a_warning_and_two_with_other_edits_are_not() -> None:
    assert problems("old", "old") == [
        "f:2: warning: candidate: is the same as the baseline, edits and all"
    ]
    assert problems("old", "old", "candidate_edits: {drop: [seed]}") == []


def test_without_a_configuration_models_are_not_looked_up() -> None:
    assert problems("anything", "else", local=None) == []


def test_an_arm_that_could_not_be_read_is_one_problem() -> None:
    assert problems("4", "new") == ["f:1: baseline: must be text (put it in quotes)"]
