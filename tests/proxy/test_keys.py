"""Keys come from the environment or a file, and one that could break a header is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from proxy import keys
from proxy.keys import Unfit, Unset

CANARY = "sk-CANARY-keys"


def test_a_key_comes_from_the_environment() -> None:
    assert keys.from_environment("KEY", {"KEY": CANARY}).reveal() == CANARY


@pytest.mark.parametrize("environ", [{}, {"KEY": ""}, {"KEY": "  \n"}])
def test_an_unset_variable_is_named(environ: dict[str, str]) -> None:
    with pytest.raises(Unset, match="the environment variable KEY is not set"):
        keys.from_environment("KEY", environ)


@pytest.mark.parametrize(
    "bad", [f"{CANARY}\n", f"{CANARY}\r\nx-evil: 1", f"{CANARY} ", f"{CANARY}é", f"{CANARY}\x00"]
)
def test_a_key_that_could_break_a_header_is_refused_and_not_repeated(bad: str) -> None:
    with pytest.raises(Unfit, match="not visible ASCII") as refused:
        keys.from_environment("KEY", {"KEY": bad})
    assert "CANARY" not in f"{refused.value} {refused.value.hint}"


def test_a_key_without_an_end_is_refused() -> None:
    with pytest.raises(Unfit, match="longer than 8 KiB"):
        keys.from_environment("KEY", {"KEY": "x" * 8_193})


@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n"])
def test_a_key_file_loses_one_newline_at_its_end(tmp_path: Path, end: bytes) -> None:
    path = tmp_path / "key"
    path.write_bytes(CANARY.encode() + end)
    assert keys.from_file(path).reveal() == CANARY


@pytest.mark.parametrize("content", [b"", b"\n", b"a\n\n", b"a b", b"x" * 9_000, b"\xff"])
def test_a_key_file_that_holds_no_key_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "key"
    path.write_bytes(content)
    with pytest.raises(Unfit):
        keys.from_file(path)


def test_a_missing_key_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(Unfit, match=r"the key cannot be read: .*No such file"):
        keys.from_file(tmp_path / "absent")


@pytest.mark.parametrize("text", ["a,b", "a b", " a,\n b, ", "a\tb", "a,b,a"])
def test_tokens_are_separated_by_commas_or_white_space(text: str) -> None:
    found = keys.tokens("TOKENS", {"TOKENS": text})
    assert [token.reveal() for token in found] == ["a", "b"]


@pytest.mark.parametrize("text", [",", " , ,", "é", " ".join(str(n) for n in range(10_001))])
def test_tokens_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(Unfit):
        keys.tokens("TOKENS", {"TOKENS": text})
