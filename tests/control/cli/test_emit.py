"""Answers in each form."""

from __future__ import annotations

import json

import pytest
from ruamel.yaml import YAML

from control.cli.emit import emit

ANSWER = {"name": "triage", "weights": {"candidate": 12.5}, "reason": "40 % größer", "none": None}


def test_json_is_the_answer(capsys: pytest.CaptureFixture[str]) -> None:
    emit(ANSWER, "json", lambda _: ())
    out = capsys.readouterr().out
    assert json.loads(out) == ANSWER
    assert "größer" in out


def test_yaml_is_the_answer_in_its_order(capsys: pytest.CaptureFixture[str]) -> None:
    emit(ANSWER, "yaml", lambda _: ())
    out = capsys.readouterr().out
    assert YAML(typ="safe").load(out) == ANSWER
    assert out.startswith("name: triage\nweights:\n")


def test_the_table_form_prints_safe_lines(capsys: pytest.CaptureFixture[str]) -> None:
    emit(ANSWER, "table", lambda _: ["one", "\x1b[31mtwo"])
    assert capsys.readouterr().out == "one\n\ufffd[31mtwo\n"
