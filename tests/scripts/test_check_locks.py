"""Whether a lock fits what pyproject.toml asks for."""

from __future__ import annotations

import pytest

from scripts.check_locks import pins, problems, requirements

LOCK = """\
aiohttp==3.14.5 \\
    --hash=sha256:00
numpy==2.4.6 ; python_full_version < '3.12' \\
    --hash=sha256:01
numpy==2.5.5 ; python_full_version >= '3.12' \\
    --hash=sha256:02
ruamel-yaml==0.19.1 \\
    --hash=sha256:03
"""
PROJECT = {
    "project": {"dependencies": ["aiohttp>=3"]},
    "dependency-groups": {
        "lint": ["ruff"],
        "test": ["pytest>=9"],
        "dev": [{"include-group": "test"}, {"include-group": "lint"}],
    },
}


def test_a_name_has_a_version_for_each_kind_of_python() -> None:
    assert pins(LOCK) == {
        "aiohttp": {"3.14.5"},
        "numpy": {"2.4.6", "2.5.5"},
        "ruamel-yaml": {"0.19.1"},
    }


def test_groups_bring_the_groups_that_they_include() -> None:
    assert list(requirements(PROJECT, ["", "dev"])) == ["aiohttp>=3", "pytest>=9", "ruff"]
    assert list(requirements(PROJECT, ["lint"])) == ["ruff"]


def test_a_lock_that_fits_says_nothing() -> None:
    wanted = ["aiohttp>=3.14.4", "numpy>=2", "ruamel.yaml>=0.19"]
    assert list(problems(wanted, LOCK, pins(LOCK))) == []


@pytest.mark.parametrize(
    ("wanted", "lock", "says"),
    [
        ("redis>=8", LOCK, "redis is not locked: make lock"),
        ("aiohttp>=4", LOCK, "aiohttp>=4 is locked at 3.14.5: make lock"),
        ("numpy<2.5", LOCK, "numpy<2.5 is locked at 2.4.6, 2.5.5: make lock"),
        ("aiohttp", LOCK + "x==1\n    --hash=sha256:04\n", "x has another version than in the"),
        ("aiohttp", "aiohttp==3.14.5\n", "something is locked without a hash"),
        ("aiohttp", "--pre\n" + LOCK, "an address or an option of the installer stands in it"),
        ("aiohttp", LOCK + "# see https://example.com\n", "an address or an option"),
    ],
)
def test_what_does_not_fit_is_said(wanted: str, lock: str, says: str) -> None:
    found = list(problems([wanted], lock, pins(LOCK)))
    assert len(found) == 1
    assert found[0].startswith(says)
