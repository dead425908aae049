"""How the number of a criterion is written: with its metric's unit, or against the baseline."""

from __future__ import annotations

import re
from decimal import Decimal

from control.files import units
from control.files.problems import Wrong
from control.words.criteria import Metric, Scale

_PERCENT = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,4})?) ?%")
_RELATIVE = re.compile(r"([0-9]{1,4}(?:\.[0-9]{1,4})?) ?(x|pp)")
_NUMBER = re.compile(r"[0-9]{1,12}(\.[0-9]{1,9})?")

_PERCENT_HINT = "write a number and %: 2%, 0.5%"
_RELATIVE_HINT = "write times the baseline's or percentage points: 1.25x, 5pp"


def plain(metric: Metric, text: str) -> float:
    """A limit by itself, in the metric's unit: a fraction of 1, seconds, USD, tokens, a score."""
    match metric:
        case Metric.ERROR_RATE | Metric.AVAILABILITY | Metric.TRUNCATION_RATE:
            return _percent(text)
        case Metric.COST_PER_REQUEST:
            return _number(text, "write USD per request: 0.02")
        case Metric.TOKENS_PER_REQUEST:
            return _number(text, "write tokens per request: 1500")
        case Metric.QUALITY:
            return _score(text)
        case _:
            return units.seconds(text)


def relative(text: str) -> tuple[float, Scale]:
    """A limit against the baseline: `1.25x` is a factor, `5pp` points as a fraction of 1."""
    found = _RELATIVE.fullmatch(text)
    if found is None:
        if "%" in text:
            raise Wrong("is a percentage of what may be a percentage", _RELATIVE_HINT)
        raise Wrong("says neither times nor points", _RELATIVE_HINT)
    number = Decimal(found[1])
    if found[2] == "x":
        return float(number), Scale.FACTOR
    return float(number / 100), Scale.POINTS


def _percent(text: str) -> float:
    found = _PERCENT.fullmatch(text)
    if found is None:
        raise Wrong("is not a percent", _PERCENT_HINT)
    if Decimal(found[1]) > 100:
        raise Wrong("is more than 100 percent", _PERCENT_HINT)
    return float(Decimal(found[1]) / 100)


def _score(text: str) -> float:
    hint = "write a score from 0 to 1: 0.9"
    score = _number(text, hint)
    if score > 1:
        raise Wrong("is not a score from 0 to 1", hint)
    return score


def _number(text: str, hint: str) -> float:
    if _NUMBER.fullmatch(text) is None:
        raise Wrong("is not a number", hint)
    return float(text)
