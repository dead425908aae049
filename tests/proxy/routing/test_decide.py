"""The most specific route is found, whatever the number of routes; ties are told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.policy import Dialect, Match, Route, Snapshot
from proxy.routing import decide
from tests.proxy.routes import route, sent

CHAT = b"/v1/chat/completions"
RESPONSES = b"/v1/responses"


def table(*routes: Route) -> decide.Table:
    return decide.compile(Snapshot(epoch=0, version=1, routes=routes))


def found(
    routes: decide.Table,
    *,
    model: str | None = "gpt-4o",
    path: bytes = CHAT,
    headers: list[tuple[bytes, bytes, bytes]] | None = None,
    dialect: Dialect = Dialect.OPENAI,
) -> str | None:
    hit = decide.find(routes, model=model, path=path, headers=headers or [], dialect=dialect)
    return None if hit is None else hit.name


def test_a_route_is_found_by_model_and_dialect() -> None:
    routes = table(route("a"), route("b", dialect=Dialect.ANTHROPIC), route("c", model="o1"))
    assert found(routes) == "a"
    assert found(routes, dialect=Dialect.ANTHROPIC) == "b"
    assert found(routes, model="o1") == "c"
    assert found(routes, model="o1", dialect=Dialect.ANTHROPIC) is None
    assert found(routes, dialect=Dialect.GEMINI) is None
    assert found(routes, model="gpt-4o-mini") is None
    assert found(routes, model=None) is None
    assert found(table()) is None


def test_the_most_fields_win_whatever_the_order() -> None:
    routes = [
        route("plain"),
        route("path", path="/v1/chat/completions"),
        route("team", header={"x-team": "support", "x-lang": "de"}),
        route("both", path="/v1/chat/completions", header={"x-team": "support", "x-lang": "de"}),
    ]
    headers = sent(x_team="support", x_lang="de")
    for ordered in (routes, routes[::-1]):
        routing = table(*ordered)
        assert found(routing, path=RESPONSES) == "plain"
        assert found(routing) == "path"
        assert found(routing, path=RESPONSES, headers=headers) == "team"
        assert found(routing, headers=headers) == "both"
        assert found(routing, headers=headers[:1]) == "path"


def test_header_values_are_compared_byte_for_byte() -> None:
    routes = table(route("team", header={"x-team": "Käse"}))
    assert found(routes, headers=sent(X_Team="Käse")) == "team"
    assert found(routes, headers=sent(x_team="käse")) is None
    assert found(routes, headers=sent(x_team="")) is None
    assert found(routes) is None


def test_a_header_sent_twice_counts_with_its_first_value() -> None:
    routes = table(route("a", header={"x-team": "a"}), route("b", header={"x-team": "b"}))
    assert found(routes, headers=sent(x_team="a") + sent(x_team="b")) == "a"
    assert found(routes, headers=sent(x_team="b") + sent(x_team="a")) == "b"


def test_of_equal_matches_the_earlier_route_counts() -> None:
    assert found(table(route("a"), route("b"))) == "a"
    assert found(table(route("b"), route("a"))) == "b"


def test_a_body_is_wanted_where_all_but_the_model_matches() -> None:
    routes = table(
        route("path", path="/v1/responses"),
        route("team", header={"x-team": "support"}, dialect=Dialect.ANTHROPIC),
    )
    assert routes.wants_body(RESPONSES, [], Dialect.OPENAI)
    assert not routes.wants_body(CHAT, [], Dialect.OPENAI)
    assert routes.wants_body(CHAT, sent(x_team="support"), Dialect.ANTHROPIC)
    assert not routes.wants_body(CHAT, sent(x_team="sales"), Dialect.ANTHROPIC)
    assert not routes.wants_body(RESPONSES, [], Dialect.GEMINI)


NAMES = ("x-a", "x-b")
VALUES = ("1", "2")
MATCHES = st.builds(
    Match,
    model=st.sampled_from(["m", "n"]),
    path=st.sampled_from([None, "/p", "/q"]),
    header=st.dictionaries(st.sampled_from(NAMES), st.sampled_from(VALUES)),
)
HEADERS = st.dictionaries(st.sampled_from(NAMES), st.sampled_from(VALUES)).map(
    lambda chosen: sent(**{name.replace("-", "_"): value for name, value in chosen.items()})
)
PATHS = st.sampled_from([b"/p", b"/q", b"/r"])


def meets(match: Match, path: bytes, headers: list[tuple[bytes, bytes, bytes]]) -> bool:
    values = {lower.decode(): value.decode() for lower, value, _ in headers}
    fits = match.path is None or match.path.encode() == path
    return fits and all(values.get(name) == value for name, value in match.header.items())


def fields(match: Match) -> int:
    return len([match.path] if match.path else []) + len(match.header)


@given(st.lists(MATCHES, max_size=6), PATHS, HEADERS)
def test_find_is_what_looking_at_every_route_would_find(
    matches: list[Match], path: bytes, headers: list[tuple[bytes, bytes, bytes]]
) -> None:
    routes = [
        route(str(number), model=match.model, path=match.path, header=match.header)
        for number, match in enumerate(matches)
    ]
    routing = table(*routes)
    fit = [each for each in routes if meets(each.match, path, headers)]
    assert routing.wants_body(path, headers, Dialect.OPENAI) is bool(fit)
    of_model = [each for each in fit if each.match.model == "m"]
    best = max((fields(each.match) for each in of_model), default=None)
    name = found(routing, model="m", path=path, headers=headers)
    assert name in {each.name for each in of_model if fields(each.match) == best} or (
        name is None and not of_model
    )


@given(MATCHES, MATCHES, PATHS, HEADERS)
def test_what_is_not_ambiguous_is_never_found_by_chance(
    a: Match, b: Match, path: bytes, headers: list[tuple[bytes, bytes, bytes]]
) -> None:
    both = meets(a, path, headers) and meets(b, path, headers) and a.model == b.model
    if both and fields(a) == fields(b):
        assert decide.ambiguous(a, b)


@given(MATCHES, MATCHES)
def test_two_ambiguous_matches_have_a_request_that_meets_both(a: Match, b: Match) -> None:
    assert decide.ambiguous(a, b) is decide.ambiguous(b, a)
    if decide.ambiguous(a, b):
        path = (a.path or b.path or "/r").encode()
        union = {name.replace("-", "_"): value for name, value in (a.header | b.header).items()}
        headers = sent(**union)
        assert a.model == b.model
        assert fields(a) == fields(b)
        assert meets(a, path, headers)
        assert meets(b, path, headers)


def test_a_match_is_ambiguous_with_itself() -> None:
    assert decide.ambiguous(Match(model="m"), Match(model="m"))


@pytest.mark.parametrize("same_model", [True, False])
def test_ten_thousand_routes_are_searched_by_hash(same_model: bool) -> None:
    routes = [
        route(str(n), model="m" if same_model else f"m{n}", header={"x-team": str(n)})
        for n in range(10_000)
    ]
    routing = table(*routes)
    model = "m" if same_model else "m7777"
    assert found(routing, model=model, headers=sent(x_team="7777")) == "7777"
    assert {len(shapes) for shapes in routing.models.values()} == {1}
    assert [len(shapes) for shapes in routing.doors.values()] == [1]
