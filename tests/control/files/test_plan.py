"""A migration file becomes a route, or a list of everything wrong with it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from control.files import config, plan
from control.files.config import Config
from control.files.plan import Migration, Reason, Source
from control.files.plan_file import Kind, MigrationSheet
from control.files.problems import ConfigError
from control.files.written import Written, parse
from proxy.errors import Invalid
from proxy.policy import (
    DEFAULT_STICKY,
    Arm,
    Dialect,
    Edits,
    Match,
    Placement,
    Route,
    Split,
    SystemPrompt,
)

SALT = "00112233445566778899aabbccddeeff"
LOCAL = """\
upstreams:
  openai: {url: "https://api.openai.com", dialect: openai}
models:
  gpt-4o: {upstream: openai, model: gpt-4o-2024-08-06}
  gpt-4o-mini: {upstream: openai}
"""

# The supported part of the published interface's example.
PUBLISHED = """\
migration: support-triage
reason: {kind: cost, text: "New model is 40% cheaper per token"}
owner: jane@example.com
match: {model: gpt-4o}
baseline: gpt-4o
candidate: gpt-4o-mini
candidate_edits:
  set: {temperature: 0.2}
  drop: [frequency_penalty]
  rename: {max_tokens: max_completion_tokens}
  system_prompt: {replace_file: prompts/triage-v2.txt}
sticky: {by: [header:x-crossfade-key, body:user, body:safety_identifier, body:metadata.user_id]}
"""
PROMPT = "CANARY-PROMPT-plan"
FILES = {"prompts/triage-v2.txt": PROMPT}
EDITS = Edits(
    set={"temperature": "0.2"},
    drop=("frequency_penalty",),
    rename={"max_tokens": "max_completion_tokens"},
    system_prompt=SystemPrompt(text=PROMPT, placement=Placement.REPLACE),
)


@pytest.fixture
def local() -> Config:
    examined = config.examine(parse(LOCAL, "crossfade.yaml"), Path(), {})
    assert examined.config is not None
    return examined.config


def parsed(text: str, local: Config, files: dict[str, str] | None = None) -> Migration:
    return plan.parse(text, FILES if files is None else files, local, name="m.yaml")


def refused(text: str, local: Config, files: dict[str, str] | None = None) -> list[str]:
    with pytest.raises(ConfigError) as error:
        parsed(text, local, files)
    return [str(problem) for problem in error.value.problems]


def test_the_published_example_is_a_migration(local: Config) -> None:
    assert parsed(PUBLISHED, local) == Migration(
        name="support-triage",
        reason=Reason(kind=Kind.COST, text="New model is 40% cheaper per token"),
        owner="jane@example.com",
        match=Match(model="gpt-4o"),
        baseline="gpt-4o",
        candidate="gpt-4o-mini",
        baseline_edits=Edits(),
        candidate_edits=EDITS,
        sticky=DEFAULT_STICKY,
        allow_force=False,
    )


def test_a_migration_asks_for_a_route(local: Config) -> None:
    assert plan.route(parsed(PUBLISHED, local), local, SALT, 1_250) == Route(
        name="support-triage",
        match=Match(model="gpt-4o"),
        dialect=Dialect.OPENAI,
        baseline=Arm(name="gpt-4o", upstream="openai", model="gpt-4o-2024-08-06"),
        candidate=Arm(name="gpt-4o-mini", upstream="openai", model="gpt-4o-mini", edits=EDITS),
        split=Split(share=1_250),
        sticky=DEFAULT_STICKY,
        salt=SALT,
    )


def test_every_optional_field_reaches_the_route(local: Config) -> None:
    text = """\
migration: m
reason: {kind: speed, text: faster}
owner: o
match: {model: gpt-4o, path: /v1/responses, header: {X-Team: support}}
baseline: gpt-4o
candidate: gpt-4o-mini
baseline_edits: {drop: [seed]}
sticky: {by: [credential]}
allow_force: true
"""
    route = plan.route(parsed(text, local), local, SALT, 0)
    assert route.match == Match(model="gpt-4o", path="/v1/responses", header={"x-team": "support"})
    assert route.baseline.edits == Edits(drop=("seed",))
    assert (route.sticky, route.allow_force) == (("credential",), True)


def test_a_file_is_read_with_its_prompt_files(tmp_path: Path, local: Config) -> None:
    path = tmp_path / "m.yaml"
    path.write_text(PUBLISHED)
    (tmp_path / "prompts").mkdir()
    (tmp_path / "prompts" / "triage-v2.txt").write_text(PROMPT + "\n")
    assert plan.read(path, local) == parsed(PUBLISHED, local)
    assert plan.collect(path) == Source(text=PUBLISHED, files=FILES)


def test_what_is_sent_without_its_prompt_file_is_refused(local: Config) -> None:
    assert refused(PUBLISHED, local, {}) == [
        (
            "m.yaml:11: candidate_edits.system_prompt.replace_file: "
            "names a file that was not sent with the migration"
        )
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [("x" * 300_000, "larger than 256 KiB"), ("\ud83d", "not Unicode text"), (" \n", "is empty")],
)
def test_a_prompt_file_that_is_no_prompt_is_refused(local: Config, content: str, said: str) -> None:
    (found,) = refused(PUBLISHED, local, {"prompts/triage-v2.txt": content})
    assert said in found


def test_no_file_of_this_host_is_read_for_what_was_sent(tmp_path: Path, local: Config) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("CANARY-PROMPT-secret")
    text = PUBLISHED.replace("prompts/triage-v2.txt", str(secret))
    (found,) = refused(text, local)
    assert "was not sent" in found


def test_a_prompt_file_that_cannot_be_collected_says_why(tmp_path: Path) -> None:
    path = tmp_path / "m.yaml"
    path.write_text(PUBLISHED.replace("prompts/triage-v2.txt", "/etc/hostname"))
    with pytest.raises(ConfigError, match=r"m.yaml:11: .*leads out of the migration file's"):
        plan.collect(path)


def test_a_file_that_is_not_yaml_is_refused_with_its_line(local: Config) -> None:
    assert refused("migration: [", local)[0].startswith("m.yaml:1: this is not YAML")
    assert refused("", local) == ["m.yaml: the file is empty"]


@pytest.mark.parametrize("filler", ["#", "\ud83d"])
def test_a_text_over_the_bound_is_refused(local: Config, filler: str) -> None:
    assert refused(filler * 300_000, local) == ["m.yaml: the file is larger than 256 KiB"]


def test_problems_of_fields_edits_and_arms_come_together(local: Config) -> None:
    text = """\
migration: m
reason: {kind: cost}
match: {model: 4}
baseline: gpt-4
candidate: gpt-4o-mini
suite: x
baseline_edits: {set: {model: x}}
candidate_edits: {system_prompt: {replace_file: absent}}
"""
    found = [said.partition(": ")[2].partition(": ")[0] for said in refused(text, local)]
    assert found == [
        "owner",
        "reason.text",
        "match.model",
        "baseline",
        "suite",
        "baseline_edits.set.model",
        "candidate_edits.system_prompt.replace_file",
    ]


def test_warnings_do_not_refuse(local: Config) -> None:
    text = PUBLISHED.replace("candidate: gpt-4o-mini", "candidate: gpt-4o").partition(
        "candidate_edits"
    )[0]
    assert parsed(text, local).candidate == "gpt-4o"
    examined = plan.examine(parse(text, "f"), lambda name: name, local)
    assert [problem.warning for problem in examined.problems] == [True]


def test_a_route_needs_what_its_migration_names(local: Config) -> None:
    migration = parsed(PUBLISHED, local)
    with pytest.raises(Invalid, match="no model gpt-4o"):
        plan.route(migration, replace(local, models={}), SALT, 0)
    with pytest.raises(Invalid, match="no upstream openai"):
        plan.route(migration, replace(local, upstreams=()), SALT, 0)


NAMES = st.sampled_from([*sorted(MigrationSheet.model_fields), "kind", "text", "set", "zzz"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.decimals(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)


@given(tree=st.dictionaries(NAMES, VALUES, max_size=8) | VALUES)
def test_no_tree_of_values_crashes_the_checks(tree: object) -> None:
    examined = plan.examine(Written(file="f", value=tree, lines={}), lambda name: name, None)
    assert examined.migration is None
    assert examined.problems
