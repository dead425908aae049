"""A migration file's fields take what the interface says, and refuse what is built later."""

from __future__ import annotations

import pytest

from control.files.check import check
from control.files.plan_file import Kind, MigrationSheet
from control.files.problems import in_order
from control.files.written import parse
from proxy.policy import DEFAULT_STICKY

SMALLEST = {
    "migration": "migration: m",
    "reason": "reason: {kind: cost, text: cheaper}",
    "owner": "owner: jane@example.com",
    "match": "match: {model: gpt-4o}",
    "baseline": "baseline: gpt-4o",
    "candidate": "candidate: gpt-4o-mini",
}
LATER = ["keep_on_baseline", "mirror", "fallback", "suite", "capture", "costs"]


def problems(**lines: str) -> list[str]:
    text = "\n".join((SMALLEST | lines).values())
    return [str(found) for found in in_order(check(MigrationSheet, parse(text, "f"))[1])]


def sheet(**lines: str) -> MigrationSheet:
    found, wrong = check(MigrationSheet, parse("\n".join((SMALLEST | lines).values()), "f"))
    assert wrong == []
    assert found is not None
    return found


def test_the_required_fields_make_a_migration() -> None:
    made = sheet()
    assert made.reason.kind is Kind.COST
    assert made.sticky.by == list(DEFAULT_STICKY)
    assert not made.allow_force


@pytest.mark.parametrize("field", sorted(SMALLEST))
def test_each_required_field_is_missed(field: str) -> None:
    assert problems(**{field: ""}) == [f"f:1: {field}: is missing"] or field == "migration"
    assert problems(**{field: ""})[0].endswith(f"{field}: is missing")


@pytest.mark.parametrize("field", LATER)
def test_what_later_versions_build_is_refused_by_name(field: str) -> None:
    assert problems(later=f"{field}: []") == [f"f:7: {field}: is not supported yet by this version"]


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (
            {"migration": "migration: none"},
            "f:1: migration: is taken: requests without a migration are measured as 'none'",
        ),
        (
            {"reason": "reason: {kind: money, text: x}"},
            (
                "f:2: reason.kind: must be 'cost', 'speed', 'quality', 'availability', "
                "'capability' or 'compliance'"
            ),
        ),
        ({"match": "match: {}"}, "f:4: match.model: is missing"),
        ({"match": "match: {model: 4}"}, "f:4: match.model: must be text (put it in quotes)"),
        (
            {"match": "match: {model: m, header: {x-v: 1.10}}"},
            "f:4: match.header.x-v: must be text (put it in quotes)",
        ),
        (
            {"match": "match: {model: m, header: {x-a: a, X-A: b}}"},
            "f:4: match.header: names a header twice (header names are the same in capitals)",
        ),
        (
            {"match": "match: {model: m, header: {authorization: a}}"},
            (
                "f:4: match.header.authorization: carries credentials, which never reach the store "
                "(name another header)"
            ),
        ),
        (
            {"x": "sticky: {by: [body:user, body:user]}"},
            "f:7: sticky.by: names a key twice",
        ),
        (
            {"x": "allow_force: yes"},
            "f:7: allow_force: must be true or false (yes, no, on and off are text in YAML 1.2)",
        ),
        (
            {"x": "candidate_edit: {}"},
            "f:7: candidate_edit: is not a field here (did you mean candidate_edits?)",
        ),
        (
            {"x": "candidate_edits: {system_prompt: {replace_fil: x}}"},
            (
                "f:7: candidate_edits.system_prompt.replace_fil: is not a field here "
                "(did you mean replace_file?)"
            ),
        ),
    ],
)
def test_what_a_field_does_not_take_is_said(lines: dict[str, str], said: str) -> None:
    assert problems(**lines) == [said]


def test_header_names_of_a_match_are_lower_case() -> None:
    made = sheet(match="match: {model: m, header: {X-Team: no, X-Lang: de}}")
    assert made.match.header == {"x-team": "no", "x-lang": "de"}


def test_no_sticky_key_at_all_is_a_wish() -> None:
    assert sheet(x="sticky: {by: []}").sticky.by == []
