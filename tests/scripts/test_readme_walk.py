"""A walk through examples: what is done, and what is found to be wrong."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from scripts.readme_blocks import Block
from scripts.readme_walk import Astray, Walk


@pytest.fixture
def walk() -> Iterator[Walk]:
    with Walk({"test"}) as walk:
        yield walk


def block(language: str, text: str) -> Block:
    return Block(language=language, text=text, line=1)


def test_commands_are_run_in_one_folder(walk: Walk) -> None:
    page = "$ make test\n$ crossfade init\n$ crossfade lint crossfade.yaml\n"
    assert walk.follow(block("console", page)) == 3


def test_what_a_page_serves_can_be_asked(walk: Walk) -> None:
    page = "$ crossfade init\n$ crossfade serve &\n$ curl http://127.0.0.1:8081/metrics\n"
    assert walk.follow(block("console", page)) == 3


@pytest.mark.parametrize(
    ("language", "text", "says"),
    [
        ("console", "$ make nothing\n", "nobody knows this command"),
        ("console", "$ rm -rf /\n", "nobody knows this command"),
        ("console", "$ crossfade promote x\n", "exit code 4"),
        ("python", "import nothing_of_that_name\n", "exit code 1"),
        ("yaml", "# bad.yaml\nmigration: x\n", "exit code"),
        ("yaml", "a: b\n", "a block of yaml"),
        ("ruby", "puts 1\n", "a block of ruby"),
    ],
)
def test_an_example_that_does_not_work_leads_astray(
    walk: Walk, language: str, text: str, says: str
) -> None:
    with pytest.raises(Astray, match=says):
        walk.follow(block(language, text))
