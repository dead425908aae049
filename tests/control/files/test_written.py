"""YAML 1.2 becomes plain values with lines, and everything doubtful in it becomes a problem."""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from control.files import written
from control.files.problems import ConfigError, Wrong
from control.files.written import Written, parse, read, spelt, text_of


def only_problem(text: str) -> str:
    found = parse(text, "f.yaml").problems
    assert len(found) == 1
    return str(found[0])


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("on", "on"),
        ("12:30:00", "12:30:00"),
        ("2024-08-06", "2024-08-06"),
        ("1_000", None),
        ("010", None),
        ("0o17", None),
        ("0x1F", None),
        (".inf", None),
        (".nan", None),
        ("-5", -5),
        ("0", 0),
        ("0.20", Decimal("0.20")),
        (".5", Decimal("0.5")),
        ("1e3", Decimal("1E+3")),
        ("true", True),
        ("FALSE", False),
        ("~", None),
        ("", None),
        ("'010'", "010"),
        ("!!str 5", "5"),
        ("=", "="),
        ("9" * 40, None),
        ("1e9999", None),
    ],
)
def test_a_scalar_means_what_yaml_1_2_says(text: str, value: object) -> None:
    got = parse(f"a: {text}", "f.yaml").value
    assert got == {"a": value}
    assert isinstance(got, dict)
    assert type(got["a"]) is type(value)


def test_a_number_keeps_its_digits() -> None:
    value = parse("[0.20, 1.500]", "f").value
    assert str(value) == "[Decimal('0.20'), Decimal('1.500')]"


def test_every_value_knows_its_line() -> None:
    text = "a: 1\nb:\n  c:\n    - x\n    - y\n"
    lines = parse(text, "f.yaml").lines
    assert lines[("a",)] == 1
    assert lines[("b", "c")] == 3
    assert lines[("b", "c", 1)] == 5


def test_a_problem_has_the_line_of_what_is_around_it() -> None:
    file = parse("\n\na: {b: 1}", "f.yaml")
    assert str(file.problem(("a", "missing"), "is missing")) == "f.yaml:3: a.missing: is missing"
    assert file.problem(("zzz",), "is missing").line == 3
    assert Written(file="f", value=None, lines={}).problem((), "is odd").line is None
    assert (
        str(file.warning(("a",), "is odd", "mend it")) == "f.yaml:3: warning: a: is odd (mend it)"
    )


@pytest.mark.parametrize(
    ("where", "text"),
    [((), ""), (("a", "b"), "a.b"), (("a", 1, "b"), "a[1].b"), (("a\nb",), "a?b")],
)
def test_a_place_is_spelt_as_people_write_it(where: written.Where, text: str) -> None:
    assert spelt(where) == text


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: 1\na: 2", "f.yaml:2: a: is named twice (first on line 1)"),
        ("a: &x 1\nb: *x", "f.yaml:2: b: is an alias (write the value out; * is not read)"),
        ("&a [*a]", "f.yaml:1: [0]: is an alias (write the value out; * is not read)"),
        ("? [1]\n: 2", "f.yaml:1: has a name that is not plain text"),
        (
            "a: 010",
            (
                "f.yaml:1: a: is not a plain decimal number "
                "(write digits without leading zeros or _; quotes make it a text)"
            ),
        ),
        (
            "a: !!python/object:os.system x",
            "f.yaml:1: a: has a YAML tag or directive that is not read (leave out ! and %YAML)",
        ),
        (
            "%YAML 1.1\n---\na: no",
            "f.yaml:3: a: has a YAML tag or directive that is not read (leave out ! and %YAML)",
        ),
        (
            'a: "\\ud83d"',
            "f.yaml:1: a: holds half of a surrogate pair (write the character itself)",
        ),
    ],
)
def test_what_is_doubtful_is_a_problem_with_its_line(text: str, problem: str) -> None:
    assert only_problem(text) == problem


def test_deep_nesting_is_a_problem_and_not_a_crash() -> None:
    assert "nested more than 64 deep" in only_problem("[" * 80 + "]" * 80)
    with pytest.raises(ConfigError, match="nested too deep"):
        parse("[" * 5_000, "f.yaml")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: b: c", "f.yaml:1: this is not YAML: mapping values are not allowed here"),
        (
            "a: 1\n---\nb: 2",
            (
                "f.yaml:2: this is not YAML: but found another document "
                "(what is unfinished begins on line 1)"
            ),
        ),
        (
            "a: [1\n",
            (
                "f.yaml:2: this is not YAML: expected ',' or ']', but got '<stream end>' "
                "(what is unfinished begins on line 1)"
            ),
        ),
        ("a: \x01", "f.yaml: this is not YAML: it holds control characters or is nested too deep"),
        ("\tx: 1", "f.yaml:1: this is not YAML: found character '\\t' that cannot start any token"),
    ],
)
def test_what_is_not_yaml_is_refused_with_its_line(text: str, message: str) -> None:
    with pytest.raises(ConfigError) as refused:
        parse(text, "f.yaml")
    assert str(refused.value) == message


def test_an_empty_file_holds_nothing() -> None:
    assert parse("# only a comment\n", "f").value is None


@given(st.text(max_size=60))
def test_no_text_crashes_the_reader(text: str) -> None:
    with suppress(ConfigError):
        parse(text, "f")


def test_a_file_is_read_with_or_without_a_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "f.yaml"
    path.write_bytes(b"\xef\xbb\xbfa: \xc3\xa9\n")
    assert read(path).value == {"a": "é"}
    assert read(path).file == str(path)


def test_a_file_that_cannot_be_read_is_a_problem_that_says_why(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="the file cannot be read: No such file or directory"):
        read(tmp_path / "absent.yaml")
    with pytest.raises(ConfigError, match="the file cannot be read: Is a directory"):
        read(tmp_path)


def test_a_file_over_the_bound_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"x" * 2_049)
    assert text_of(path, 2_049) == "x" * 2_049
    with pytest.raises(Wrong, match="larger than 2 KiB"):
        text_of(path, 2_048)


def test_a_file_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"ab\xff")
    with pytest.raises(Wrong, match=r"not UTF-8 \(at byte 2\)"):
        text_of(path, 100)
