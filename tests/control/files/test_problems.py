"""Problems say where, what and what instead, in the file's order, and fit for a terminal."""

from __future__ import annotations

from dataclasses import replace

import pytest

from control.files.problems import (
    ConfigError,
    Problem,
    Wrong,
    errors,
    in_order,
    shown,
    suggestion,
)
from proxy.errors import Invalid

BASE = Problem(file="a.yaml", line=3, where="x.y", message="is odd")


@pytest.mark.parametrize(
    ("problem", "text"),
    [
        (BASE, "a.yaml:3: x.y: is odd"),
        (replace(BASE, hint="write 1"), "a.yaml:3: x.y: is odd (write 1)"),
        (replace(BASE, warning=True), "a.yaml:3: warning: x.y: is odd"),
        (replace(BASE, line=None, where=""), "a.yaml: is odd"),
        (replace(BASE, file="", line=None), "x.y: is odd"),
    ],
)
def test_a_problem_reads_as_file_line_place_message_hint(problem: Problem, text: str) -> None:
    assert str(problem) == text


def test_an_error_lists_its_problems_by_line() -> None:
    later = replace(BASE, line=9, where="z")
    error = ConfigError([later, BASE])
    assert error.problems == (BASE, later)
    assert str(error) == f"{BASE}\n{later}"
    assert isinstance(error, Invalid)


def test_only_the_first_problem_of_one_place_is_kept() -> None:
    second = replace(BASE, message="is missing too")
    assert in_order([BASE, second]) == (BASE,)


def test_warnings_and_problems_of_the_whole_file_are_all_kept() -> None:
    whole = replace(BASE, where="", line=None)
    mild = replace(BASE, warning=True)
    assert in_order([BASE, mild, whole, whole]) == (whole, whole, BASE, mild)


def test_a_warning_is_no_error() -> None:
    assert errors([replace(BASE, warning=True), BASE]) == (BASE,)


def test_a_close_name_is_suggested() -> None:
    assert suggestion("lisen", {"listen", "admin"}) == "did you mean listen?"


def test_without_a_close_name_the_known_ones_are_listed() -> None:
    assert suggestion("zzz", {"b", "a"}) == "known here: a, b"
    many = {f"name{number:02}" for number in range(40)}
    hint = suggestion("zzz", many)
    assert hint is not None
    assert hint.endswith("name11, ...")


def test_nothing_known_suggests_nothing() -> None:
    assert suggestion("zzz", set()) is None


def test_a_name_is_shown_short_and_without_control_characters() -> None:
    assert shown("a\x1b[31m\nb") == "a?[31m?b"
    assert shown("x" * 100) == "x" * 64 + "..."


def test_what_is_wrong_carries_its_hint() -> None:
    wrong = Wrong("is odd", "write 1")
    assert (str(wrong), wrong.message, wrong.hint) == ("is odd", "is odd", "write 1")
