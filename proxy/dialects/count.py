"""The word for a count of tokens that foreign JSON states."""

from __future__ import annotations

from typing import Annotated

import msgspec

# A count that no provider reaches is a fault or an attack, and must not become a cost.
Count = Annotated[int, msgspec.Meta(ge=0, le=10**12)]
