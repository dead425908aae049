"""control/guard/formulas.py: what `explain` prints is enough to get its result by hand.

Nothing but the printed text is read here, and no function of crossfade computes anything.
"""

from __future__ import annotations

import re
from math import exp, log, sqrt

import pytest

from control.guard import explain
from control.words.criteria import Limit, Metric, Side
from tests.control.guard.cases import (
    ABSOLUTE,
    RELATIVE,
    cell,
    course,
    evidence,
    limit,
    moment,
    sums,
    times,
)

POINTS = limit(side=Side.OVER_BASELINE, written="2pp")
TIME = limit(Metric.LATENCY_P95, Side.OVER, "2s")
SLOWER = limit(Metric.LATENCY_P95, Side.OVER_BASELINE, "1.5x")
COST = limit(Metric.COST_PER_REQUEST, Side.OVER, "0.02")
DEARER = limit(Metric.COST_PER_REQUEST, Side.OVER_BASELINE, "1.2x")
PLAN = course(ABSOLUTE, RELATIVE, POINTS, TIME, SLOWER, COST, DEARER)

GOOD = sums(
    *(6_690, 68),
    latency=times(800_000, 6_300, (1_900_000, 322)),
    priced=6_622,
    cost_usd=66.22,
    cost_squares=0.9,
)
BAD = sums(
    *(742, 37),
    latency=times(900_000, 630, (3_000_000, 75)),
    priced=705,
    cost_usd=15.5,
    cost_squares=0.5,
)
SEEN = evidence(cell(BAD, GOOD), cell(BAD, GOOD, epoch=6, quarter=1_001))

Cell = tuple[int, int, int, int]  # k1, n1, k0, n0
NUMBER = r"(-?[\d.]+)"


def printed(of: Limit) -> str:
    at = moment(5, 6, step_since=6, anchors={SLOWER.key: 1.2})
    (one,) = explain(PLAN, SEEN, of.key, moment=at)
    return "\n".join(one.lines)


def numbers(pattern: str, text: str) -> list[float]:
    found = re.search(pattern, text)
    assert found is not None, (pattern, text)
    return [float(each) for each in found.groups()]


def cells(text: str) -> list[Cell]:
    rows = re.findall(r"\d\.\d{4} +([\d,]+)/([\d,]+) +([\d,]+)/([\d,]+)", text)
    return [tuple(int(each.replace(",", "")) for each in row) for row in rows]


def ratios(text: str) -> list[float]:
    base, top, below = numbers(rf" r = {NUMBER} \* \({NUMBER} / {NUMBER}\)\^\(j/24\)", text)
    assert base == below
    return [base * (top / base) ** (j / 24) for j in range(1, 25)]


def share(row: Cell) -> float:
    return row[1] / (row[1] + row[3])


def by_bound(text: str, rows: list[Cell]) -> float:
    (bound,) = numbers(rf"L = k1 \* log\(r / {NUMBER}\)", text)
    k, n = sum(row[0] for row in rows), sum(row[1] for row in rows)
    each = [k * log(r / bound) + (n - k) * log((1 - r) / (1 - bound)) for r in ratios(text)]
    return log(sum(map(exp, each)) / 24)


def by_baseline(text: str, rows: list[Cell]) -> float:
    (allowed,) = numbers(rf"k1 \* log\(r / {NUMBER}\)", text)

    def one(r: float, row: Cell) -> float:
        w = share(row)
        q = (1 + w * (r - 1)) / (1 + w * (allowed - 1))
        return row[0] * log(r / allowed) - (row[0] + row[2]) * log(q)

    return log(sum(exp(sum(one(r, row) for row in rows)) for r in ratios(text)) / 24)


def by_points(text: str, rows: list[Cell]) -> float:
    (margin,) = numbers(rf"- {NUMBER} \* n1 \* \(1 - w\)", text)
    (widest,) = numbers(rf"r = 1 \+ 0\.02 \* {NUMBER}\^\(\(j-1\)/23\)", text)
    grid = [1 + 0.02 * widest ** ((j - 1) / 23) for j in range(1, 25)]

    def one(r: float, row: Cell) -> float:
        w = share(row)
        q = 1 + w * (r - 1)
        price = margin * row[1] * (1 - w) * (r - 1) / q
        return row[0] * log(r) - (row[0] + row[2]) * log(q) - price

    return log(sum(exp(sum(one(r, row) for row in rows)) for r in grid) / 24)


def starts(text: str) -> list[float]:
    return [float(each) for each in re.findall(r"since epoch .*: log E = (-?[\d.]+)", text)]


def mixed(text: str, begun: list[float]) -> float:
    planned, each, coming = (
        *(numbers(r"1/2, (\d+) others 1/(\d+) each", text)),
        *numbers(r"of these (\d+) are to come", text),
    )
    assert planned == len(begun) - 1 + coming
    return log(exp(begun[0]) / 2 + sum(map(exp, begun[1:])) / each + coming / each)


def outcome(text: str) -> tuple[float, float]:
    log_e, bar = numbers(rf"log E +{NUMBER} .*log\(1/alpha\) = {NUMBER}", text)
    return log_e, bar


@pytest.mark.parametrize(
    ("of", "by_hand"),
    [
        (ABSOLUTE, by_bound),
        (RELATIVE, by_baseline),
        (POINTS, by_points),
        (TIME, by_bound),
        (SLOWER, by_baseline),
    ],
    ids=lambda each: getattr(each, "key", ""),
)
def test_a_result_on_counts_follows_from_what_is_printed(of: Limit, by_hand: object) -> None:
    assert callable(by_hand)
    text = printed(of)
    rows = cells(text)
    assert len(rows) == 2
    begun = [by_hand(text, rows), by_hand(text, rows[1:])]
    assert starts(text) == pytest.approx(begun, abs=0.006)
    (alpha,) = numbers(rf"alpha +{NUMBER} = 0\.05 x", text)
    log_e, bar = outcome(text)
    assert log_e == pytest.approx(mixed(text, begun), abs=0.006)
    assert bar == pytest.approx(log(1 / alpha), abs=0.006)


def moments(name: str, text: str) -> tuple[float, float, float]:
    """How many there are, their mean, and its squared standard error."""
    n, total, squares = numbers(
        rf"{name}: n = ([\d]+), sum {NUMBER}, squares {NUMBER}", text.replace(",", "", 0)
    )
    return n, total / n, (squares - total**2 / n) / (n - 1) / n


@pytest.mark.parametrize("of", [COST, DEARER], ids=lambda of: of.key)
def test_a_result_on_means_follows_from_what_is_printed(of: Limit) -> None:
    text = re.sub(r"(?<=\d),(?=\d{3})", "", printed(of))
    (alpha,) = numbers(rf"alpha +{NUMBER} = 0\.05 x", text)
    n, mean, error = moments("candidate", text)
    d, v = mean - 0.02, error
    if of is DEARER:
        n0, mean0, error0 = moments("baseline", text)
        n, d, v = n + n0, mean - 1.2 * mean0, error + 1.2**2 * error0
    b = 2 * log(1 / alpha)
    s = (b + log(1 + b)) * n / 10_000
    assert d > 0
    log_e = ((d / sqrt(v)) ** 2 * s / (1 + s) - log(1 + s)) / 2
    assert starts(text)[0] == pytest.approx(log_e, rel=0.002)
    assert outcome(text)[0] == pytest.approx(mixed(text, starts(text)), abs=0.011)
