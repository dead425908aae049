"""The id that tells the arm."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.exchange_id import LENGTH, UNIQUE, opened, sealed
from proxy.policy import ArmName

UNIQUES = st.text("0123456789abcdef", min_size=UNIQUE, max_size=UNIQUE)


@given(UNIQUES, st.text(min_size=1), st.sampled_from(ArmName), st.integers(0, 2**40))
def test_an_id_tells_the_arm_and_the_weight_epoch(
    unique: str, migration: str, arm: ArmName, epoch: int
) -> None:
    made = sealed(unique, migration, arm, epoch)
    assert len(made) == LENGTH
    assert made.startswith(unique)
    assert opened(made, migration) == (arm, epoch % 2**28)


def test_an_exchange_of_no_migration_has_an_id_that_tells_no_arm() -> None:
    assert opened(sealed("0" * UNIQUE, "none", None, 0), "none") is None


def test_an_id_of_another_migration_is_not_taken() -> None:
    assert opened(sealed("a" * UNIQUE, "triage", ArmName.CANDIDATE, 7), "other") is None


@given(UNIQUES, st.integers(0, LENGTH - 1))
def test_an_id_with_a_wrong_digit_is_not_taken(unique: str, place: int) -> None:
    made = sealed(unique, "triage", ArmName.CANDIDATE, 7)
    digit = "0" if made[place] != "0" else "1"
    assert opened(made[:place] + digit + made[place + 1 :], "triage") is None


@pytest.mark.parametrize("text", ["", "a" * 31, "a" * 33, "A" * 32, "é" * 32, "g" * 32])
def test_what_is_no_id_tells_nothing(text: str) -> None:
    assert opened(text, "triage") is None
