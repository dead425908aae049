"""Edits reach the data plane as JSON text and prompt text, or are refused where they stand."""

from __future__ import annotations

from pathlib import Path

import pytest

from control.files.check import check
from control.files.edits import LONGEST_PROMPT, edits, file_under, prompt_files
from control.files.plan_file import EditsSheet
from control.files.problems import Wrong
from control.files.written import parse
from proxy.policy import Edits, Placement, SystemPrompt


def find(name: str) -> str:
    if name != "p.txt":
        raise Wrong("the file cannot be read")
    return "CANARY-PROMPT-edits"


def built(text: str) -> tuple[Edits, list[str]]:
    file = parse(text, "f")
    sheet, problems = check(EditsSheet, file)
    assert sheet is not None
    assert problems == []
    made, found = edits(sheet, file, (), find)
    return made, [str(problem) for problem in found]


def good(text: str) -> Edits:
    made, found = built(text)
    assert found == []
    return made


@pytest.mark.parametrize(
    ("written", "json"),
    [
        ("0.2", "0.2"),
        ("0.20", "0.20"),
        ("5", "5"),
        ("-1", "-1"),
        ("1e3", "1E+3"),
        (".5", "0.5"),
        ("true", "true"),
        ("null", "null"),
        ("", "null"),
        ("no", '"no"'),
        ("'5'", '"5"'),
        ("größe", '"größe"'),
        ('"a\\"b\\n"', '"a\\"b\\n"'),
        ("[1, {a: 1.50}]", '[1,{"a":1.50}]'),
        ("2024-08-06", '"2024-08-06"'),
    ],
)
def test_a_value_becomes_json_text_with_its_digits(written: str, json: str) -> None:
    assert good(f"set:\n  temperature: {written}").set == {"temperature": json}


def test_all_edits_reach_the_data_plane() -> None:
    made = good(
        "set: {generationConfig.temperature: 0.2}\ndrop: [frequency_penalty]\n"
        "rename: {max_tokens: max_completion_tokens}\nsystem_prompt: {append: 'Be brief.'}"
    )
    assert made == Edits(
        set={"generationConfig.temperature": "0.2"},
        drop=("frequency_penalty",),
        rename={"max_tokens": "max_completion_tokens"},
        system_prompt=SystemPrompt(text="Be brief.", placement=Placement.APPEND),
    )
    assert not good("drop: []")


@pytest.mark.parametrize("placement", list(Placement))
def test_a_system_prompt_is_a_text_or_a_file(placement: Placement) -> None:
    inline = good(f"system_prompt: {{{placement}: 'x'}}")
    assert inline.system_prompt == SystemPrompt(text="x", placement=placement)
    read = good(f"system_prompt: {{{placement}_file: p.txt}}")
    assert read.system_prompt == SystemPrompt(text="CANARY-PROMPT-edits", placement=placement)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("set: {model: x}", "f:1: set.model: edits leave 'model' alone"),
        ("set:\n  a: 1\n  stream: true", "f:3: set.stream: edits leave 'stream' alone"),
        ("drop:\n  - a\n  - model.x", "f:3: drop[1]: edits leave 'model' alone"),
        (
            "set: {stream_options.include_usage: true}",
            (
                "f:1: set.stream_options.include_usage: edits leave 'stream_options' alone: "
                "crossfade asks for usage itself"
            ),
        ),
        (
            "set: {rename: {a.b: 1}, a..b: 1}",
            "f:1: set.a..b: an edit's name is empty or has an empty part: 'a..b'",
        ),
        (
            "rename: {a.b: c}",
            "f:1: rename.a.b: a rename reaches top-level members alone, so no dots: 'a.b'",
        ),
        ("rename: {a: model}", "f:1: rename.a: edits leave 'model' alone"),
        ("set: {a: 1}\ndrop: [a.b]", "f:1: two edits reach 'a'"),
        (
            "system_prompt: {replace: a, append: b}",
            (
                "f:1: system_prompt: takes exactly one change (one of replace, replace_file, "
                "prepend, prepend_file, append, append_file)"
            ),
        ),
        (
            "system_prompt: {}",
            (
                "f:1: system_prompt: takes exactly one change (one of replace, replace_file, "
                "prepend, prepend_file, append, append_file)"
            ),
        ),
        ("system_prompt: {replace: '  '}", "f:1: system_prompt.replace: is empty"),
        (
            "system_prompt: {replace_file: absent}",
            "f:1: system_prompt.replace_file: the file cannot be read",
        ),
    ],
)
def test_what_edits_may_not_do_is_said_where_it_stands(text: str, said: str) -> None:
    made, found = built(text)
    assert found == [said]
    assert not made


def test_prompt_files_are_found_whatever_else_is_wrong() -> None:
    text = "candidate_edits: {zzz: 1, system_prompt: {replace_file: a, append_file: b, append: c}}"
    assert list(prompt_files(parse(text, "f"), ("candidate_edits",))) == ["a", "b"]
    assert list(prompt_files(parse(text, "f"), ("baseline_edits",))) == []
    text = "candidate_edits: {system_prompt: {replace_file: 5}}"
    assert list(prompt_files(parse(text, "f"), ("candidate_edits",))) == []


@pytest.mark.parametrize("content", [b"text", b"text\n", b"text\r\n"])
def test_a_prompt_file_loses_one_newline_at_its_end(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "prompts").mkdir()
    (tmp_path / "prompts" / "p.txt").write_bytes(content)
    assert file_under(tmp_path, "prompts/p.txt") == "text"


@pytest.mark.parametrize("name", ["/etc/hostname", "../p.txt", "a/../../p.txt"])
def test_a_prompt_file_elsewhere_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(Wrong, match="leads out of the migration file's folder"):
        file_under(tmp_path, name)


def test_a_prompt_file_over_the_bound_is_refused(tmp_path: Path) -> None:
    (tmp_path / "p.txt").write_bytes(b"x" * (LONGEST_PROMPT + 1))
    with pytest.raises(Wrong, match="larger than 256 KiB"):
        file_under(tmp_path, "p.txt")
