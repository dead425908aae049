"""The release: the installed version, or a plain word that there is none."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

from control.release import release


def test_the_release_is_the_installed_version() -> None:
    try:
        installed = version("crossfade")
    except PackageNotFoundError:
        installed = "unknown"
    assert release() == installed
