"""The ramp that a migration file asks for, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import assert_never

from control.files import course_checks, thresholds
from control.files.course_file import LimitSheet, NotifySheet, StepSheet
from control.files.plan_file import MigrationSheet
from control.files.problems import Problem, Wrong, errors
from control.files.written import Where, Written
from control.guard import untestable
from control.words.criteria import Limit, Scale, Side
from control.words.steps import Course, Notify, Step


def course(
    sheet: MigrationSheet, file: Written, notifiers: Iterable[str] | None
) -> tuple[Course, list[Problem]]:
    """The ramp and every problem; without the names of notifiers they are not looked up.

    An entry that could not be read is a problem already; what is wrong with the others is told
    too. Where there are errors the ramp is not to be used.
    """
    reader, read = _Reader(file), course_checks.entries(file)
    limits = reader.limits(read.limits)
    reader.hopes(sheet)
    problems = [*reader.problems, *course_checks.problems(read, file, limits, notifiers)]
    if errors(problems):
        return Course(), problems
    found = Course(
        steps=tuple(_step(step) for step in sheet.steps),
        limits=tuple(limits.values()),
        alpha=sheet.alpha,
        min_requests=sheet.min_requests,
        success=dict(sheet.success),
        notify=tuple(_notify(entry) for entry in sheet.notify),
    )
    return found, problems


class _Reader:
    """Reads criteria and collects what is wrong with them."""

    def __init__(self, file: Written) -> None:
        self.problems: list[Problem] = []
        self._file = file

    def limits(self, sheets: Mapping[int, LimitSheet]) -> dict[int, Limit]:
        """The limits by their place in the list, without those that have a problem."""
        found: dict[int, Limit] = {}
        for at, sheet in sheets.items():
            limit = self._limit(("limits", at), sheet)
            if limit is not None:
                found[at] = limit
        return found

    def hopes(self, sheet: MigrationSheet) -> None:
        for metric, written in sheet.success.items():
            try:
                thresholds.plain(metric, written)
            except Wrong as wrong:
                self._add(("success", metric.value), wrong)

    def _limit(self, place: Where, sheet: LimitSheet) -> Limit | None:
        given = {side: text for side in Side if (text := _number_of(sheet, side)) is not None}
        if len(given) != 1:
            message = "says more than one of" if given else "says none of"
            self._add(place, Wrong(f"{message} over, under, over_baseline and under_baseline"))
            return None
        side, written = next(iter(given.items()))
        place = (*place, side.value)
        try:
            limit = _limit(sheet, side, written)
        except Wrong as wrong:
            self._add(place, wrong)
            return None
        reason = untestable(limit)
        if reason is not None:
            self._add(place, Wrong(reason))
            return None
        return limit

    def _add(self, where: Where, wrong: Wrong) -> None:
        self.problems.append(self._file.problem(where, wrong.message, wrong.hint))


def _number_of(sheet: LimitSheet, side: Side) -> str | None:
    match side:
        case Side.OVER:
            return sheet.over
        case Side.UNDER:
            return sheet.under
        case Side.OVER_BASELINE:
            return sheet.over_baseline
        case Side.UNDER_BASELINE:
            return sheet.under_baseline
        case _:
            assert_never(side)


def _limit(sheet: LimitSheet, side: Side, written: str) -> Limit:
    if side.relative:
        number, scale = thresholds.relative(written)
    else:
        number, scale = thresholds.plain(sheet.metric, written), Scale.PLAIN
    return Limit(
        metric=sheet.metric,
        side=side,
        number=number,
        scale=scale,
        written=written,
        on_fail=sheet.on_fail,
        for_s=sheet.for_ or 0.0,
        within_s=sheet.within,
        page=sheet.page,
    )


def _step(sheet: StepSheet) -> Step:
    return Step(
        share=sheet.weight,
        hold_s=(sheet.soak or sheet.hold) or 0.0,
        gate=sheet.gate,
        soak=sheet.soak is not None,
        holdback=sheet.holdback,
    )


def _notify(sheet: NotifySheet) -> Notify:
    return Notify(to=sheet.to, on=tuple(sheet.on), every_s=sheet.every)
