"""What is compiled can be: files that are there, and that mypyc leaves as they are."""

from __future__ import annotations

import ast

import pytest

from scripts.compile import HOT, ROOT


@pytest.mark.parametrize("name", HOT)
def test_a_compiled_file_holds_no_struct(name: str) -> None:
    """mypyc gives a struct's members `type` for a type: it then refuses all that it decodes."""
    tree = ast.parse((ROOT / "proxy" / f"{name}.py").read_text())
    bases = {
        ast.unparse(base)
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
        for base in node.bases
    }
    assert bases.isdisjoint({"msgspec.Struct", "Struct"})


def test_each_file_is_named_once_and_in_order() -> None:
    assert list(HOT) == sorted(set(HOT))
