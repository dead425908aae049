"""Routes for tests: everything that a test does not name is as usual."""

from __future__ import annotations

from proxy.policy import DEFAULT_STICKY, Arm, Dialect, Edits, Match, Route, Split

SALT = "00112233445566778899aabbccddeeff"


def arm(model: str = "gpt-4o", *, edits: Edits | None = None) -> Arm:
    return Arm(name=model, upstream="openai", model=model, edits=edits or Edits())


def route(
    name: str = "triage",
    *,
    model: str = "gpt-4o",
    path: str | None = None,
    header: dict[str, str] | None = None,
    dialect: Dialect = Dialect.OPENAI,
    share: int = 0,
    sticky: tuple[str, ...] = DEFAULT_STICKY,
    salt: str = SALT,
) -> Route:
    return Route(
        name=name,
        match=Match(model=model, path=path, header=header or {}),
        dialect=dialect,
        baseline=arm("gpt-4o"),
        candidate=arm("gpt-4o-mini", edits=Edits(set={"temperature": "0.2"})),
        split=Split(share=share),
        sticky=sticky,
        salt=salt,
    )


def sent(**headers: str) -> list[tuple[bytes, bytes, bytes]]:
    """Headers as a request carries them; underscores stand for dashes."""
    names = [(name.replace("_", "-"), value) for name, value in headers.items()]
    return [(name.lower().encode(), value.encode(), name.encode()) for name, value in names]
