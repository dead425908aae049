"""`init`: a starter pair that lints, and never over a file that is there."""

from __future__ import annotations

from pathlib import Path

from tests.control.cli.shell import Shell


async def test_it_writes_files_that_lint(nowhere: Shell, tmp_path: Path) -> None:
    done = await nowhere("init", tmp_path / "new")
    assert done.code == 0
    written = sorted(path.name for path in (tmp_path / "new").iterdir())
    assert written == ["crossfade.yaml", "first-migration.yaml"]
    assert "next: edit them, then crossfade lint" in done.out
    done = await nowhere("lint", *(tmp_path / "new").iterdir())
    assert done.code == 0
    assert done.out.endswith("2 files checked: good\n")


async def test_it_refuses_a_folder_that_has_them(nowhere: Shell, tmp_path: Path) -> None:
    mine = tmp_path / "crossfade.yaml"
    mine.write_text("mine")
    done = await nowhere("init", tmp_path)
    assert done.code == 1
    assert "exists already" in done.err
    assert mine.read_text() == "mine"
    assert not (tmp_path / "first-migration.yaml").exists()


async def test_a_folder_that_cannot_be_made_is_said(nowhere: Shell, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = await nowhere("init", tmp_path / "file" / "below")
    assert done.code == 1
    assert "Error: " in done.err
