"""What edits may not do is refused when they are built."""

from __future__ import annotations

import pytest

from proxy.errors import Invalid
from proxy.policy import Edits, SystemPrompt

PROMPT = SystemPrompt(text="Be brief.")


@pytest.mark.parametrize("text", ["", "NaN", "{", "'a'", '"\udc00"', "[" * 100_000, "1 2"])
def test_a_value_that_is_not_json_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match="'temperature' is not JSON"):
        Edits(set={"temperature": text})


@pytest.mark.parametrize(
    "edits",
    [
        {"set": {"": "1"}},
        {"set": {"a..b": "1"}},
        {"drop": (".a",)},
        {"drop": ("a.",)},
        {"rename": {"a": ""}},
    ],
)
def test_an_empty_part_of_a_name_is_refused(edits: dict[str, object]) -> None:
    with pytest.raises(Invalid, match="empty"):
        Edits(**edits)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "edits",
    [
        {"set": {"model": '"m"'}},
        {"set": {"model.name": '"m"'}},
        {"drop": ("stream",)},
        {"rename": {"stream": "streaming"}},
        {"rename": {"deployment": "model"}},
    ],
)
def test_edits_leave_model_and_stream_alone(edits: dict[str, object]) -> None:
    with pytest.raises(Invalid, match="alone"):
        Edits(**edits)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "edits",
    [
        {"set": {"a": "1"}, "drop": ("a",)},
        {"set": {"a": "{}", "a.b": "1"}},
        {"set": {"a.b": "1", "a-c": "2", "a.b.c": "3"}},
        {"set": {"a.b": "1"}, "drop": ("a",)},
        {"drop": ("a", "a")},
        {"rename": {"a": "b", "b": "c"}},
        {"rename": {"a": "c", "b": "c"}},
        {"rename": {"a": "a"}},
        {"set": {"b": "1"}, "rename": {"a": "b"}},
    ],
)
def test_two_edits_of_one_member_are_refused(edits: dict[str, object]) -> None:
    with pytest.raises(Invalid, match="two edits reach"):
        Edits(**edits)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "name", ["messages", "instructions", "system", "systemInstruction", "system_instruction"]
)
def test_a_system_prompt_owns_the_members_that_hold_one(name: str) -> None:
    with pytest.raises(Invalid, match="the system prompt and another"):
        Edits(drop=(f"{name}.x",), system_prompt=PROMPT)
    assert Edits(drop=(f"{name}.x",))


@pytest.mark.parametrize("rename", [{"a.b": "c"}, {"a": "b.c"}])
def test_a_rename_reaches_top_level_members_alone(rename: dict[str, str]) -> None:
    with pytest.raises(Invalid, match="top-level"):
        Edits(rename=rename)


def test_edits_of_different_members_are_accepted() -> None:
    assert Edits(
        set={"temperature": " 0.2 ", "generationConfig.topP": "1", "ab": "null"},
        drop=("generationConfig.topK", "a.b"),
        rename={"max_tokens": "max_completion_tokens"},
        system_prompt=PROMPT,
    )
    assert not Edits()
