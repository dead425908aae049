"""The map of the files, out of the files' first lines."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.check_map import BEGIN, END, drawn, idea, main, replaced

PAGE = f"# Title\n{BEGIN}old\n{END}rest\n"


def test_a_file_says_its_idea_in_its_first_line() -> None:
    assert idea('"""One idea: this.\n\nAnd more of it.\n"""\nimport os\n') == "One idea: this."
    assert idea("import os\n") == ""


def test_folders_come_in_order_with_their_files() -> None:
    files = {"control/a.py": "C.", "proxy/z/b.py": "B.", "proxy/z.py": "Z.", "proxy/a.py": "A."}
    assert "".join(drawn(files)) == (
        "\n### proxy/\n\n- `a.py`: A.\n- `z.py`: Z.\n"
        "\n### proxy/z/\n\n- `b.py`: B.\n"
        "\n### control/\n\n- `a.py`: C.\n\n"
    )


def test_the_map_alone_is_replaced() -> None:
    assert replaced(PAGE, ["new\n"]) == f"# Title\n{BEGIN}new\n{END}rest\n"


def test_a_page_without_a_place_for_it_is_an_error() -> None:
    with pytest.raises(ValueError, match="no place for a map"):
        replaced("# Title\n", ["new\n"])


def test_a_stale_map_is_found_and_written_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "proxy").mkdir()
    (tmp_path / "proxy" / "a.py").write_text('"""An idea."""\n')
    (tmp_path / "CONTRIBUTING.md").write_text(PAGE)
    (tmp_path / "docs" / "adr").mkdir(parents=True)
    (tmp_path / "docs" / "adr" / "0001-why.md").write_text("# 1. Why. Not how\n\nBecause.\n")
    (tmp_path / "docs" / "README.md").write_text(PAGE)
    assert main([]) == 1
    assert main(["--write"]) == 0
    assert main([]) == 0
    assert "- `a.py`: An idea.\n" in (tmp_path / "CONTRIBUTING.md").read_text()
    assert "- [1 · Why. Not how](adr/0001-why.md)\n" in (tmp_path / "docs/README.md").read_text()
