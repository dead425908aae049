"""Records that compare by what they hold."""

from __future__ import annotations

from proxy.plain import Plain


class Pair(Plain):
    __slots__ = ("one", "other")

    def __init__(self, one: int, other: int) -> None:
        self.one = one
        self.other = other

    def held(self) -> tuple[object, ...]:
        return self.one, self.other


class Twin(Pair):
    __slots__ = ()


def test_records_of_one_class_are_equal_by_what_they_hold() -> None:
    assert Pair(1, 2) == Pair(1, 2)
    assert len({Pair(1, 2), Pair(1, 2), Pair(2, 1)}) == 2
    assert Pair(1, 2) != Pair(2, 1)


def test_another_class_is_another_record() -> None:
    assert Pair(1, 2) != Twin(1, 2)
    assert Pair(1, 2) != (1, 2)


def test_a_record_shows_what_it_holds() -> None:
    assert repr(Pair(1, 2)) == "Pair(1, 2)"
