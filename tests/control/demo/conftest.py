"""One stage for all tests of this folder: nothing in them changes what another one sees."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from control.demo.files import NAME
from control.demo.stage import Stage


@pytest.fixture(scope="package")
def stage() -> Iterator[Stage]:
    """Two model APIs and a crossfade, with the migration registered at weight 0."""
    with Stage() as stage:
        assert stage.crossfade("apply", f"{NAME}.yaml").status == 0
        yield stage
