"""The JSON Schemas of the two files, for editors and for checks elsewhere.

`python -m control.files.schema DIR` writes them; a test says when docs/schema/ is out of date.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from control.files.check import Sheet
from control.files.config_file import ConfigSheet
from control.files.plan_file import MigrationSheet

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schemas() -> Mapping[str, str]:
    """The schemas' texts by file name."""
    return {
        "crossfade.schema.json": _text(ConfigSheet, "crossfade.yaml"),
        "migration.schema.json": _text(MigrationSheet, "A crossfade migration"),
    }


def write(folder: Path) -> None:
    """Write each schema into a folder, which is made where it is missing."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in schemas().items():
        (folder / name).write_text(text, encoding="utf-8")


def main(arguments: Sequence[str]) -> int:
    """Write the schemas into the folder named, docs/schema by default."""
    write(Path(arguments[0] if arguments else "docs/schema"))
    return 0


def _text(sheet: type[Sheet], title: str) -> str:
    plain = _plain(sheet.model_json_schema())
    assert isinstance(plain, dict), "a sheet's schema is an object"
    schema = {"$schema": _DIALECT, "title": title, **plain}
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def _plain(node: object) -> object:
    """Without pydantic's titles, nulls, which the files refuse, and defaults of whole sheets."""
    if isinstance(node, list):
        return [_plain(item) for item in node]
    if not isinstance(node, dict):
        return node
    kept = {name: value for name, value in node.items() if not _noise(name, value)}
    choices = [choice for choice in kept.get("anyOf", ()) if choice != {"type": "null"}]
    if len(choices) == 1:
        del kept["anyOf"]
        kept = {**choices[0], **kept}
    return {name: _plain(value) for name, value in kept.items()}


def _noise(name: str, value: object) -> bool:
    if name == "default":
        return value is None or isinstance(value, dict)
    return name == "title" and isinstance(value, str)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
