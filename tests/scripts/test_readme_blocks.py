"""Where the examples of a page are."""

from __future__ import annotations

from scripts.readme_blocks import blocks, targets

PAGE = """\
# Title

```console
$ make test
what it prints
$ crossfade list
```

    an indented block is a picture

```yaml
# a-file.yaml
migration: a
```
"""


def test_blocks_come_in_order_with_their_lines() -> None:
    found = list(blocks(PAGE))
    assert [(block.language, block.line) for block in found] == [("console", 4), ("yaml", 12)]


def test_commands_are_the_lines_after_a_prompt() -> None:
    assert next(blocks(PAGE)).commands == ["make test", "crossfade list"]


def test_a_file_says_its_name_in_its_first_line() -> None:
    console, yaml = blocks(PAGE)
    assert (console.file, yaml.file) == (None, "a-file.yaml")


def test_what_can_be_made_stands_at_the_left_edge() -> None:
    assert targets("test: x  ## tests\n\tpytest\n.venv/x: y\nhelp:\nPHONY := no\n") == {
        "test",
        "help",
    }
