"""Upstreams and models take what the interface says; secrets never stand in the file."""

from __future__ import annotations

from decimal import Decimal

import pytest

from control.files.check import check
from control.files.config_file import ConfigSheet
from control.files.models_file import Status
from control.files.problems import in_order
from control.files.written import parse

UPSTREAMS = 'upstreams: {a: {url: "https://a", dialect: openai}}'


def read(*lines: str) -> tuple[ConfigSheet | None, list[str]]:
    sheet, wrong = check(ConfigSheet, parse("\n".join(lines), "f"))
    return sheet, [str(problem) for problem in in_order(wrong)]


def test_a_model_has_a_price_and_a_place_in_its_life() -> None:
    price = "{input: 0.15, cached_input: 0.075, output: 0.60}"
    sheet, wrong = read(
        UPSTREAMS, f"models: {{m: {{upstream: a, price: {price}}}, n: {{upstream: a}}}}"
    )
    assert wrong == []
    assert sheet is not None
    priced = sheet.models["m"].price
    assert priced is not None
    assert (priced.input, priced.cached_input, priced.cache_write, priced.output) == (
        *(Decimal("0.15"), Decimal("0.075")),
        *(None, Decimal("0.60")),
    )
    assert (sheet.models["n"].status, sheet.models["n"].model) == (Status.STAGING, None)


@pytest.mark.parametrize("field", ["key", "api_key", "token"])
def test_a_key_never_stands_in_the_file(field: str) -> None:
    line = f'upstreams: {{a: {{url: "https://a", dialect: openai, {field}: sk-CANARY-1}}}}'
    assert read(line)[1] == [
        (
            f"f:1: upstreams.a.{field}: is not a field here "
            "(keys never stand in this file: write key_env or key_file)"
        )
    ]


def test_the_dialects_are_a_closed_list() -> None:
    (said,) = read('upstreams: {a: {url: "https://a", dialect: morse}}')[1]
    assert said.startswith("f:1: upstreams.a.dialect: must be 'openai'")
