"""The published schemas are those of the code, and every field stands on the page about files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from control.files import schema
from control.files.check import Sheet
from control.files.config_file import ConfigSheet
from control.files.plan_file import MigrationSheet

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "configuration.md"


def sheets(kind: object) -> Iterator[type[Sheet]]:
    """A sheet and all those inside it."""
    if isinstance(kind, type) and issubclass(kind, Sheet):
        yield kind
        for field in kind.model_fields.values():
            yield from sheets(field.annotation)
    for inner in getattr(kind, "__args__", ()):
        yield from sheets(inner)


@pytest.mark.parametrize("name", sorted(schema.schemas()))
def test_the_published_schemas_are_up_to_date(name: str) -> None:
    """`python -m control.files.schema docs/schema` mends this."""
    published = (ROOT / "docs" / "schema" / name).read_text(encoding="utf-8")
    assert published == schema.schemas()[name]


def test_a_schema_knows_every_field_and_only_those() -> None:
    config = json.loads(schema.schemas()["crossfade.schema.json"])
    assert set(config["properties"]) == set(ConfigSheet.model_fields)
    assert config["additionalProperties"] is False
    assert config["required"] == ["upstreams"]
    migration = json.loads(schema.schemas()["migration.schema.json"])
    assert set(migration["properties"]) == set(MigrationSheet.model_fields)
    assert not set(migration["properties"]) & MigrationSheet.later


def test_a_schema_takes_no_nulls_and_repeats_no_titles() -> None:
    for text in schema.schemas().values():
        assert "null" not in text
        assert text.count('"title"') == 1


def test_the_schemas_are_written_where_asked(tmp_path: Path) -> None:
    assert schema.main([str(tmp_path / "a" / "b")]) == 0
    written = {path.name: path.read_text() for path in (tmp_path / "a" / "b").iterdir()}
    assert written == schema.schemas()


def test_without_a_folder_the_schemas_go_to_the_documentation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    schema.main([])
    assert len(list((tmp_path / "docs" / "schema").iterdir())) == 2


@pytest.mark.parametrize("root", [ConfigSheet, MigrationSheet])
def test_the_page_names_every_field(root: type[Sheet]) -> None:
    page = PAGE.read_text(encoding="utf-8")
    missing = [
        f"{sheet.__name__}.{name}"
        for sheet in sheets(root)
        for name, field in sheet.model_fields.items()
        if f"`{field.alias or name}`" not in page
    ]
    assert missing == []


@pytest.mark.parametrize("root", [ConfigSheet, MigrationSheet])
def test_the_page_names_what_is_not_built_yet(root: type[Sheet]) -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert [name for name in sorted(root.later) if f"`{name}`" not in page] == []


def test_every_field_is_described() -> None:
    bare = [
        f"{sheet.__name__}.{name}"
        for root in (ConfigSheet, MigrationSheet)
        for sheet in sheets(root)
        for name, field in sheet.model_fields.items()
        if not field.description
    ]
    assert bare == []
