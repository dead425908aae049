"""The errors: closed, published, of one shape."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest

from control.api import errors
from control.api.errors import PUBLISHED, Rejected
from control.refusal import Code, DeskError


@pytest.mark.parametrize("code", Code)
def test_every_refusal_of_the_desk_has_a_status(code: Code) -> None:
    assert 400 <= errors.status_of(code) < 600


def test_no_code_is_published_twice() -> None:
    codes = [row.code for row in PUBLISHED]
    assert len(set(codes)) == len(codes)


def test_a_rejection_says_its_rows_sentence() -> None:
    answer = errors.rejected(Rejected(errors.INVALID_BODY, "(at $.percent)"))
    assert answer.status == 400
    assert msgspec.json.decode(answer.body) == {  # type: ignore[arg-type]
        "error": {
            "code": "invalid_body",
            "message": "The body is not the JSON that this call takes. (at $.percent)",
        }
    }


def test_a_refusal_carries_what_helps() -> None:
    refused = DeskError(Code.VERSION_CONFLICT, "is at version 3", current=3)
    answer = errors.refused(refused)
    assert answer.status == 409
    assert msgspec.json.decode(answer.body) == {  # type: ignore[arg-type]
        "error": {"code": "version_conflict", "message": "is at version 3", "current_version": 3}
    }
    refused = DeskError(Code.INVALID_MIGRATION, "is invalid:", problems=("x.yaml:1: y",))
    assert b'"problems":["x.yaml:1: y"]' in (errors.refused(refused).body or b"")  # type: ignore[operator]


def test_every_code_is_on_the_page_beside_its_status() -> None:
    page = (Path(__file__).parents[3] / "docs" / "admin-api.md").read_text()
    rows = dict(re.findall(r"^\| (\d{3}) \| (.+) \|$", page, re.MULTILINE))
    told = {(code, int(status)) for status, codes in rows.items() for code in codes.split(", ")}
    assert told == {(row.code, row.status) for row in PUBLISHED}
