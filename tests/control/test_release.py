"""The release: the installed version, or a plain word that there is none."""

from __future__ import annotations

from importlib.metadata import version

from control.release import release


def test_the_release_is_the_installed_version() -> None:
    assert release("click") == version("click")


def test_what_was_never_installed_has_no_release() -> None:
    assert release("crossfade-that-nobody-installed") == "unknown"
