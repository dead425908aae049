"""proxy/dialects/known.py: the tables do not contradict each other."""

from __future__ import annotations

from itertools import combinations

from proxy.dialects.call import Operation
from proxy.dialects.known import ANTHROPIC, BASES, OLLAMA, OPENAI, POSTS, ROOTS, TAILS
from proxy.policy import Dialect


def test_every_posted_path_has_a_body_that_names_the_model() -> None:
    for path, call in POSTS.items():
        assert path.startswith(b"/")
        assert call.model_in_body
        assert call.json_body


def test_a_table_holds_its_own_dialect_alone() -> None:
    for table, dialect in (
        (OPENAI, Dialect.OPENAI),
        (ANTHROPIC, Dialect.ANTHROPIC),
        (OLLAMA, Dialect.OLLAMA),
    ):
        assert {call.dialect for call in table.values()} == {dialect}


def test_the_longest_tail_comes_first() -> None:
    for (first, _), (second, _) in combinations(TAILS, 2):
        assert not second.endswith(first) or second == first


def test_a_base_is_no_root() -> None:
    assert not BASES & ROOTS.keys()


def test_a_root_of_several_apis_is_one_whose_dialect_must_be_guessed() -> None:
    assert {root for root, (dialect, _) in ROOTS.items() if dialect is None} == {
        b"models",
        b"batches",
        b"files",
        b"skills",
    }


def test_roots_stand_for_what_needs_no_routing() -> None:
    unrouted = {Operation.MODELS, Operation.STORED, Operation.OTHER}
    assert {operation for _, operation in ROOTS.values()} == unrouted
