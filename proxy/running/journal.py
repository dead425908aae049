"""The log: one JSON object a line, escaped, short, and bounded in number."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TextIO

MAX_TEXT = 400  # characters of one line's message
MOST_A_MINUTE = 300  # lines of one logger and level; the last one says that the rest is left out


class Line(logging.Formatter):
    """`at`, `level`, `logger`, `event` and, for an error, where it was raised; never its locals."""

    def format(self, record: logging.LogRecord) -> str:
        fields = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage()[:MAX_TEXT],
        }
        if record.exc_info is not None and record.exc_info[1] is not None:
            fields["error"] = _place(record.exc_info[1])
        # In ASCII: a file name may hold bytes that are no UTF-8, a text what moves a terminal.
        return json.dumps(fields, separators=(",", ":"))


class Bound(logging.Filter):
    """Lets so many lines of a logger and level through in a minute."""

    def __init__(self, clock: Callable[[], float]) -> None:
        super().__init__()
        self._clock = clock
        self._minute = 0
        self._seen: dict[tuple[str, int], int] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        minute = int(self._clock() // 60)
        if minute != self._minute:
            self._minute, self._seen = minute, {}
        key = (record.name, record.levelno)
        seen = self._seen[key] = self._seen.get(key, 0) + 1
        if seen == MOST_A_MINUTE:
            record.msg, record.args = "log_flood: the rest of this minute is left out", ()
        return seen <= MOST_A_MINUTE


def start(clock: Callable[[], float], *, to: TextIO | None = None) -> None:
    """Send every logger's lines of level INFO and up to `to` (standard error)."""
    handler = logging.StreamHandler(to or sys.stderr)
    handler.setFormatter(Line())
    handler.addFilter(Bound(clock))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    logging.getLogger("asyncio").setLevel(logging.ERROR)
    logging.getLogger("aiohttp").setLevel(logging.CRITICAL)  # its errors quote requests


def _place(error: BaseException) -> str:
    """The error's type and the line that raised it; its text may quote a request."""
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    where = "" if frame is None else f" in {frame.tb_frame.f_code.co_qualname}:{frame.tb_lineno}"
    return type(error).__name__ + where
