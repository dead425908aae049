"""Durations, sizes and percents mean exactly one number, or are refused."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from control.files import units
from control.files.problems import Wrong


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("500ms", 0.5),
        ("10s", 10.0),
        ("0.25s", 0.25),
        ("5m", 300.0),
        ("1.5h", 5_400.0),
        ("7d", 604_800.0),
        ("0s", 0.0),
        ("366d", 31_622_400.0),
    ],
)
def test_a_duration_means_its_seconds(written: str, meant: float) -> None:
    assert units.seconds(written) == meant


@pytest.mark.parametrize(
    "written",
    [
        "",
        "10",
        "s",
        "10 s",
        "10S",
        "1h30m",
        "-1s",
        "+1s",
        "1e3s",
        "10s\n",
        "1.s",
        "٣s",
        "367d",
        10,
        10.5,
        None,
        True,
        ["10s"],
    ],
)
def test_what_is_no_duration_is_refused(written: object) -> None:
    with pytest.raises(Wrong):
        units.seconds(written)


@pytest.mark.parametrize(
    ("written", "meant"),
    [("512B", 512), ("200KiB", 204_800), ("64MiB", 67_108_864), ("1GiB", 1_073_741_824)],
)
def test_a_size_means_its_bytes(written: str, meant: int) -> None:
    assert units.size(written) == meant


@pytest.mark.parametrize(
    "written", ["", "64", "64MB", "64mib", "64 MiB", "1.5MiB", "-1B", "1B\n", 64, None, True]
)
def test_what_is_no_size_is_refused(written: object) -> None:
    with pytest.raises(Wrong):
        units.size(written)


@pytest.mark.parametrize(
    ("percent", "points"),
    [
        (0, 0),
        (100, 10_000),
        (12.5, 1_250),
        (0.01, 1),
        (33.33, 3_333),
        (10.0, 1_000),
        ("1", 100),
        ("12.50", 1_250),
        ("25%", 2_500),
        (Decimal("0.07"), 7),
    ],
)
def test_a_percent_is_exact_basis_points(percent: object, points: int) -> None:
    assert units.share(percent) == points


@pytest.mark.parametrize(
    "percent",
    [
        -1,
        -0.01,
        101,
        100.01,
        0.001,
        1e-09,
        1e300,
        float("nan"),
        float("inf"),
        "",
        "-1",
        "+1",
        "1e1",
        "12.345",
        "100.01",
        "nan",
        "1 ",
        "1\n",
        "٣",
        "1,5",
        ".5",
        "%",
        None,
        True,
        False,
        [],
        Decimal("NaN"),
        Decimal("1e400"),
    ],
)
def test_a_weight_that_is_no_percent_is_refused(percent: object) -> None:
    with pytest.raises(Wrong):
        units.share(percent)


def test_a_number_too_long_for_a_text_is_refused_too() -> None:
    with pytest.raises(Wrong):
        units.share(10**5_000)


@given(st.integers(0, 10_000))
def test_every_share_survives_being_written_as_a_percent(share: int) -> None:
    assert units.share(share / 100) == share
    assert units.share(f"{Decimal(share) / 100:.2f}") == share


@given(st.decimals(min_value=0, max_value=100, places=2))
def test_a_percent_is_never_rounded(percent: Decimal) -> None:
    assert Decimal(units.share(percent)) == percent * 100
