"""Durations, sizes and percents as people write them, and the exact numbers they mean."""

from __future__ import annotations

import re
from decimal import Decimal

from control.files.problems import Wrong
from proxy.policy import WHOLE

DURATION = r"^[0-9]{1,9}(\.[0-9]{1,3})?(ms|s|m|h|d)$"
SIZE = r"^[0-9]{1,12}(B|KiB|MiB|GiB)$"
PERCENT = r"^[0-9]{1,3}(\.[0-9]{1,2})?%?$"

LONGEST_S = 366 * 86_400

_SECONDS = {
    "ms": Decimal("0.001"),
    "s": Decimal(1),
    "m": Decimal(60),
    "h": Decimal(3_600),
    "d": Decimal(86_400),
}
_BYTES = {"B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}


def seconds(written: object) -> float:
    """The seconds that `500ms`, `10s`, `5m`, `8h` or `7d` mean; at most a year."""
    hint = "write a number and ms, s, m, h or d: 10s, 5m, 8h, 7d"
    if not isinstance(written, str) or not re.fullmatch(DURATION, written):
        raise Wrong("is not a duration", hint)
    unit = written.lstrip("0123456789.")
    total = Decimal(written.removesuffix(unit)) * _SECONDS[unit]
    if total > LONGEST_S:
        raise Wrong("is longer than a year")
    return float(total)


def size(written: object) -> int:
    """The bytes that `512B`, `200KiB`, `64MiB` or `1GiB` mean."""
    hint = "write a whole number and B, KiB, MiB or GiB: 200KiB, 64MiB"
    if not isinstance(written, str) or not re.fullmatch(SIZE, written):
        raise Wrong("is not a size", hint)
    unit = written.lstrip("0123456789")
    return int(written.removesuffix(unit)) * _BYTES[unit]


def share(percent: object) -> int:
    """The basis points that a percent from 0 to 100 means, exactly.

    Refuses more than two decimals, exponents, signs, infinity and what is not a number: a weight
    is never rounded.
    """
    hint = "write 0 to 100 with at most two decimals: 1, 12.5, 0.25"
    text = _plain(percent)
    if text is None or not re.fullmatch(PERCENT, text):
        raise Wrong("is not a percent from 0 to 100", hint)
    points = int(Decimal(text.removesuffix("%")) * 100)
    if points > WHOLE:
        raise Wrong("is more than 100 percent", hint)
    return points


def _plain(percent: object) -> str | None:
    match percent:
        case bool():
            return None
        case int() if percent > 100:  # a number of 5,000 digits has no text
            return None
        case float() if percent.is_integer():
            return str(percent).removesuffix(".0")
        case str() | int() | float() | Decimal():
            return str(percent)
        case _:
            return None
