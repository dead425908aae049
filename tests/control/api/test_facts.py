"""Readiness: degraded serves, draining and an empty process do not."""

from __future__ import annotations

from control.api.facts import Readiness


def test_a_degraded_process_is_ready() -> None:
    assert Readiness(snapshot_version=1, snapshot_age_s=9.0, degraded=True).ready


def test_draining_and_no_snapshot_are_not_ready() -> None:
    assert not Readiness(snapshot_version=1, snapshot_age_s=0.0, draining=True).ready
    assert not Readiness(snapshot_version=None, snapshot_age_s=None).ready


def test_version_0_is_a_snapshot() -> None:
    assert Readiness(snapshot_version=0, snapshot_age_s=0.0).ready
