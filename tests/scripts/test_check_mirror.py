"""Which files lack tests, and which tests lack a file."""

from __future__ import annotations

from scripts.check_mirror import covering, problems

SOURCES = ("proxy/wire.py", "proxy/dialects/call.py")
TESTS = ("tests/proxy/test_wire.py", "tests/proxy/dialects/test_call.py")


def test_a_mirror_without_a_flaw_says_nothing() -> None:
    assert problems(SOURCES, TESTS, untested={}, beyond={}) == []


def test_the_test_of_a_file_stands_where_the_file_stands() -> None:
    assert covering("control/store/lock.py") == "tests/control/store/test_lock.py"


def test_a_file_without_tests_is_named() -> None:
    found = problems(SOURCES, TESTS[:1], untested={}, beyond={})
    assert found == ["proxy/dialects/call.py: no tests/proxy/dialects/test_call.py"]
    assert problems(SOURCES, TESTS[:1], untested={SOURCES[1]: "why"}, beyond={}) == []


def test_a_test_of_nothing_is_named() -> None:
    found = problems(SOURCES[:1], TESTS, untested={}, beyond={})
    assert found == ["tests/proxy/dialects/test_call.py: tests no file of its name"]
    assert problems(SOURCES[:1], TESTS, untested={}, beyond={TESTS[1]: "why"}) == []


def test_a_file_may_have_more_tests_by_topic() -> None:
    more = [*TESTS, "tests/proxy/test_wire_round_trips.py"]
    assert problems(SOURCES, more, untested={}, beyond={}) == []
    assert problems(SOURCES, [*TESTS, "tests/proxy/test_wired.py"], untested={}, beyond={})
    assert problems(SOURCES, [more[-1], TESTS[1]], untested={}, beyond={}) == [
        "proxy/wire.py: no tests/proxy/test_wire.py"
    ]


def test_an_excuse_that_is_not_needed_any_more_is_named() -> None:
    found = problems(SOURCES, TESTS, untested={SOURCES[0]: "why"}, beyond={TESTS[1]: "why"})
    assert found == [
        "proxy/wire.py: excused without need",
        "tests/proxy/dialects/test_call.py: excused without need",
    ]
