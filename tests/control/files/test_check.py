"""Every problem is found at once, with its line; what is left can still be checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import pytest
from pydantic import Field

from control.files.check import Sheet, check, entries
from control.files.problems import in_order
from control.files.written import parse


class Inner(Sheet):
    never: ClassVar[Mapping[str, str]] = {"key": "write key_env"}

    url: str
    port: int = 80


class Outer(Sheet):
    later: ClassVar[frozenset[str]] = frozenset({"mirror"})
    stand_ins: ClassVar[Mapping[str, object]] = {"name": "unread"}

    name: str
    listen: list[str] = []
    inner: dict[str, Inner] = Field(default={}, max_length=2)
    plain: Inner | None = None


class Strictest(Sheet):
    name: str


class Hopeless(Sheet):
    stand_ins: ClassVar[Mapping[str, object]] = {"name": 5}

    name: str


def problems(text: str) -> list[str]:
    return [str(problem) for problem in in_order(check(Outer, parse(text, "f"))[1])]


def test_a_sound_file_has_no_problems() -> None:
    sheet, found = check(Outer, parse("name: a\ninner: {x: {url: u}}", "f"))
    assert found == []
    assert sheet == Outer(name="a", inner={"x": Inner(url="u")})


def test_all_problems_come_at_once_with_their_lines() -> None:
    text = "name: 5\nmirror: {}\nlistn: []\ninner:\n  x: {ur: u}\n  y:\n    key: k\n    url: u\n"
    assert problems(text) == [
        "f:1: name: must be text (put it in quotes)",
        "f:2: mirror: is not supported yet by this version",
        "f:3: listn: is not a field here (did you mean listen?)",
        "f:5: inner.x.url: is missing",
        "f:5: inner.x.ur: is not a field here (did you mean url?)",
        "f:7: inner.y.key: is not a field here (write key_env)",
    ]


def test_an_unknown_field_in_an_optional_sheet_is_compared_with_that_sheet() -> None:
    assert problems("name: a\nplain: {url: u, prt: 1}") == [
        "f:2: plain.prt: is not a field here (did you mean port?)"
    ]


def test_a_field_with_nothing_behind_it_is_a_mistake() -> None:
    hint = "(write a value or leave the line out)"
    assert problems("name: a\nlisten:\nplain: ~") == [
        f"f:2: listen: is empty {hint}",
        f"f:3: plain: is empty {hint}",
    ]


def test_what_the_text_has_wrong_is_reported_once() -> None:
    assert problems("name: 010\nname: b") == [
        (
            "f:1: name: is not a plain decimal number "
            "(write digits without leading zeros or _; quotes make it a text)"
        ),
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", ["f: the file is empty"]),
        ("# nothing", ["f: the file is empty"]),
        ("[a]", ["f:1: must be a mapping (write {name: value} or indented 'name: value' lines)"]),
        ("text", ["f:1: must be a mapping (write {name: value} or indented 'name: value' lines)"]),
    ],
)
def test_a_file_that_is_no_mapping_has_one_problem(text: str, found: list[str]) -> None:
    assert problems(text) == found
    assert check(Outer, parse(text, "f"))[0] is None


def test_what_is_left_without_the_bad_entries_can_still_be_checked() -> None:
    text = "name: a\nlisten: [x, 1, y, 2]\nbad: 1\ninner: {x: {url: u}, y: {port: 1}}"
    sheet, _ = check(Outer, parse(text, "f"))
    assert sheet == Outer(name="a", listen=["x", "y"], inner={"x": Inner(url="u")})


def test_a_required_field_that_cannot_be_read_has_a_stand_in() -> None:
    sheet, _ = check(Outer, parse("name: [1]\nlisten: [x]", "f"))
    assert sheet == Outer(name="unread", listen=["x"])
    assert check(Outer, parse("listen: [x]", "f"))[0] == sheet


def test_without_a_stand_in_nothing_is_left() -> None:
    assert check(Strictest, parse("nme: a", "f"))[0] is None
    assert check(Strictest, parse("name: 5", "f"))[0] is None
    assert check(Hopeless, parse("name: 5", "f"))[0] is None


def test_a_nested_problem_inside_an_entry_that_goes_anyway_does_no_harm() -> None:
    text = "name: a\ninner: {x: {url: 1, port: x}, y: {url: u}, z: {url: u}}"
    sheet, _ = check(Outer, parse(text, "f"))
    assert sheet == Outer(name="a", inner={"y": Inner(url="u"), "z": Inner(url="u")})


def test_entries_keep_their_places_where_others_cannot_be_read() -> None:
    file = parse("inner: [{url: a}, {port: 1}, x, {url: b, port: many}]", "f")
    read = entries(Inner, file, "inner")
    assert {at: (each.url, each.port) for at, each in read.items()} == {0: ("a", 80), 3: ("b", 80)}


@pytest.mark.parametrize("text", ["inner: {url: a}", "x: []", "- 1"])
def test_what_is_no_list_has_no_entries(text: str) -> None:
    assert entries(Inner, parse(text, "f"), "inner") == {}
