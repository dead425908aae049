"""Roles: each may do what the one before may, and no more."""

from __future__ import annotations

import pytest

from control.roles import Role


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        (Role.VIEWER, {Role.VIEWER}),
        (Role.OPERATOR, {Role.VIEWER, Role.OPERATOR}),
        (Role.OWNER, {Role.VIEWER, Role.OPERATOR, Role.OWNER}),
    ],
)
def test_a_role_may_what_lesser_ones_may(role: Role, allowed: set[Role]) -> None:
    assert {needed for needed in Role if role.may(needed)} == allowed
