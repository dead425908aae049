"""The check of the README, on pages that are wrong; the right one is checked by `make check`."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.check_readme import main


def checked(folder: Path, page: str) -> int:
    (folder / "README.md").write_text(page)
    (folder / "Makefile").write_text("test:\n")
    return main()


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_a_page_whose_examples_work_is_good(tmp_path: Path) -> None:
    assert checked(tmp_path, "```console\n$ make test\n```\n") == 0


def test_an_example_that_fails_is_shown_with_its_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert checked(tmp_path, "# x\n\n```console\n$ make nothing\n```\n") == 1
    assert capsys.readouterr().out.startswith("README.md:4: ")


def test_a_page_that_grows_too_long_is_refused(tmp_path: Path) -> None:
    assert checked(tmp_path, "\n" * 151) == 1
