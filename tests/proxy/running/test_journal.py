"""The log: one JSON object a line."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest

from proxy.running import journal
from proxy.running.journal import MAX_TEXT, MOST_A_MINUTE, Bound, Line


class Log:
    """A journal that writes to `text`, at the minute that a test says."""

    def __init__(self) -> None:
        self.now = 60.0 * 100
        self.text = io.StringIO()
        journal.start(lambda: self.now, to=self.text)

    @property
    def lines(self) -> list[dict[str, str]]:
        return [json.loads(line) for line in self.text.getvalue().splitlines()]


@pytest.fixture
def log() -> Iterator[Log]:
    """A started journal; in the end all loggers are as they were."""
    loggers = [logging.getLogger(name) for name in ("", "asyncio", "aiohttp")]
    levels = [logger.level for logger in loggers]
    handlers = loggers[0].handlers[:]
    yield Log()
    loggers[0].handlers[:] = handlers
    for logger, level in zip(loggers, levels, strict=True):
        logger.setLevel(level)


def record(
    message: str = "an event", *args: object, level: int = logging.INFO
) -> logging.LogRecord:
    return logging.LogRecord("proxy.test", level, "file.py", 1, message, args, None)


def test_a_line_is_one_object_with_its_time_level_logger_and_event() -> None:
    event = record("applied version=%d", 7)
    event.created = 0.25
    assert json.loads(Line().format(event)) == {
        "at": "1970-01-01T00:00:00.250+00:00",
        "level": "info",
        "logger": "proxy.test",
        "event": "applied version=7",
    }


@pytest.mark.parametrize(
    "text", ['a\n{"level":"error"}', "a\r\nb", '"', "\\", "\x1b[2J", "\0", "é", "\x9b2J", "\u2028"]
)
def test_no_text_breaks_out_of_its_line(text: str) -> None:
    line = Line().format(record("%s", text))
    assert len(line.splitlines()) == 1
    assert not set("\n\r\x1b\0") & set(line)
    assert json.loads(line)["event"] == text


def test_a_text_that_is_no_unicode_is_written_all_the_same() -> None:
    """File names that are no UTF-8 are decoded so."""
    line = Line().format(record("store %s", "/tmp/\udcff.db"))
    assert line.isprintable()
    assert json.loads(line)["event"].startswith("store /tmp/")


def test_a_line_is_short() -> None:
    assert json.loads(Line().format(record("x" * 9_999)))["event"] == "x" * MAX_TEXT


def test_an_error_is_told_by_its_type_and_place_and_never_by_its_text(log: Log) -> None:
    prompt = "CANARY-PROMPT-local"
    try:
        json.loads("{" + prompt)
    except ValueError:
        logging.getLogger("proxy.test").exception("exchange_failed")
    (line,) = log.lines
    assert (line["event"], line["level"]) == ("exchange_failed", "error")
    assert line["error"].startswith("JSONDecodeError in JSONDecoder.raw_decode:")
    assert "CANARY" not in log.text.getvalue()
    assert "Traceback" not in log.text.getvalue()


def test_an_error_that_was_never_raised_has_no_place(log: Log) -> None:
    logging.getLogger("proxy.test").error("odd", exc_info=KeyError("sk-CANARY-key"))
    assert log.lines[0]["error"] == "KeyError"


def test_without_an_error_there_is_none_to_tell() -> None:
    event = record()
    event.exc_info = (None, None, None)  # what logging makes of exc_info=True outside of a handler
    assert "error" not in json.loads(Line().format(event))


def test_the_journal_has_info_and_up_and_of_libraries_only_what_quotes_no_request(log: Log) -> None:
    logging.getLogger("proxy.test").debug("too small")
    logging.getLogger("proxy.test").info("small")
    logging.getLogger("asyncio").warning("slow callback")
    logging.getLogger("asyncio").error("never retrieved")
    logging.getLogger("aiohttp.server").error("sk-CANARY-quoted")
    assert [line["event"] for line in log.lines] == ["small", "never retrieved"]


def test_starting_again_writes_each_line_once(log: Log) -> None:
    again = Log()
    logging.getLogger("proxy.test").info("once")
    assert (len(log.lines), len(again.lines)) == (0, 1)


def test_standard_error_is_where_it_goes_otherwise(
    log: Log, capsys: pytest.CaptureFixture[str]
) -> None:
    journal.start(lambda: log.now)
    logging.getLogger("proxy.test").info("here")
    out, err = capsys.readouterr()
    assert (out, json.loads(err)["event"]) == ("", "here")


def test_a_flood_ends_with_a_line_that_says_so(log: Log) -> None:
    for number in range(MOST_A_MINUTE + 50):
        logging.getLogger("proxy.test").info("event %d", number)
    events = [line["event"] for line in log.lines]
    assert len(events) == MOST_A_MINUTE
    assert events[-2] == f"event {MOST_A_MINUTE - 2}"
    assert events[-1].startswith("log_flood")


def test_a_new_minute_lets_lines_through_again(log: Log) -> None:
    for _ in range(2):
        for number in range(MOST_A_MINUTE + 1):
            logging.getLogger("proxy.test").info("event %d", number)
        log.now += 60
    assert len(log.lines) == 2 * MOST_A_MINUTE


def test_a_flood_of_one_level_or_logger_leaves_the_others_room() -> None:
    bound = Bound(lambda: 0.0)
    while bound.filter(record()):
        pass
    assert bound.filter(record(level=logging.ERROR))
    other = record()
    other.name = "proxy.other"
    assert bound.filter(other)
    assert not bound.filter(record())
