"""The demo's files, read as crossfade reads them."""

from __future__ import annotations

from pathlib import Path

from control.demo import files
from control.files import config, plan


def test_both_files_are_good(tmp_path: Path) -> None:
    text = files.config(
        listen="127.0.0.1:8080",
        admin="127.0.0.1:8081",
        old="http://127.0.0.1:9001",
        new="http://127.0.0.1:9002",
    )
    (tmp_path / "crossfade.yaml").write_text(text)
    loaded = config.load(tmp_path / "crossfade.yaml", files.KEYS)
    assert loaded.environment == "demo"
    (tmp_path / "m.yaml").write_text(files.MIGRATION)
    migration = plan.read(tmp_path / "m.yaml", loaded)
    assert migration.name == files.NAME
    assert migration.match.model == files.ASKED
