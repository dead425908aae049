"""From a request to what is sent where."""

from __future__ import annotations

import json

import msgspec
import pytest

from proxy.dialects import Operation
from proxy.errors import (
    DUPLICATE_FIELD,
    NO_UPSTREAM,
    UNKNOWN_UPSTREAM,
    UNREADABLE_BODY,
    Invalid,
    Refused,
)
from proxy.http.http1 import read_request
from proxy.policy import Arm, ArmName, Dialect, Route, Split
from proxy.routing.aim import UNMATCHED
from tests.doubles.requests import get, prompt, request
from tests.proxy.aims import (
    GENERATE,
    OPENAI,
    PRIVATE,
    SECOND,
    aim,
    first_line,
    look,
    refusal,
    routing,
    to,
)
from tests.proxy.routes import route


@pytest.mark.parametrize(
    ("unsound", "reason"),
    [
        (to(1, upstream="nowhere"), "has no upstream nowhere"),
        (to(0, upstream="nowhere", allow_force=True), "has no upstream nowhere"),
        (to(1, upstream="claude"), "upstream claude speaks another dialect"),
        (to(0, baseline=Arm(name="o", upstream="gone", model="m")), "has no upstream gone"),
        (to(0, dialect=Dialect.OLLAMA), "upstream openai speaks another dialect"),
    ],
)
def test_a_snapshot_that_this_host_cannot_serve_is_invalid(unsound: Route, reason: str) -> None:
    with pytest.raises(Invalid, match=f"route triage: .*{reason}"):
        routing(unsound)


def test_a_candidate_out_of_use_needs_no_upstream() -> None:
    rules = routing(to(0, upstream="gone"))
    found = aim(rules, request(body=prompt())).choice
    assert found is not None
    assert found.lane.name is ArmName.BASELINE


def test_a_candidate_elsewhere_needs_a_key_of_its_own() -> None:
    keyless = msgspec.structs.replace(SECOND, key=None)
    with pytest.raises(Invalid, match="upstream second needs a key of its own"):
        routing(to(1, upstream="second"), upstreams=(OPENAI, keyless))


def test_what_no_migration_matches_passes_as_it_came() -> None:
    rules = routing(to(10_000))
    found = aim(rules, request(*PRIVATE, body=prompt(model="another")))
    assert (found.migration, found.choice, found.strip) == (UNMATCHED, None, False)
    assert found.body == prompt(model="another")
    assert found.head.count(b"sk-CANARY-caller") == 4
    assert found.version == 7


def test_a_body_that_no_migration_could_match_is_not_wanted() -> None:
    rules = routing(to(10_000, match=route(path="/v1/embeddings").match))
    assert not look(rules, request(body=prompt())).wants_body
    assert look(rules, request(target=b"/v1/embeddings", body=prompt())).wants_body
    assert not look(rules, get(b"/v1/embeddings")).wants_body
    assert not look(rules, request(target=b"/v1/files", body=prompt())).wants_body


def test_unreadable_json_is_refused_only_where_path_and_header_match() -> None:
    matched = route(path="/v1/chat/completions", header={"x-team": "search"}).match
    rules = routing(to(10_000, match=matched))
    bad = b'{"model": '
    assert refusal(rules, request(b"X-Team: search", body=bad)) is UNREADABLE_BODY
    for passed in (
        request(body=bad),
        request(b"X-Team: other", body=bad),
        request(b"X-Team: search", target=b"/chat/completions", body=bad),
    ):
        assert aim(rules, passed).choice is None


def test_a_model_named_twice_is_refused() -> None:
    twice = b'{"model": "gpt-4o", "model": "x"}'
    assert refusal(routing(to(0)), request(body=twice)) is DUPLICATE_FIELD


def test_the_candidate_gets_its_own_model_and_nothing_else_changes() -> None:
    found = aim(routing(to(10_000)), request(*PRIVATE, body=prompt()))
    assert found.choice is not None
    assert (found.migration, found.choice.lane.name) == ("triage", ArmName.CANDIDATE)
    assert not found.choice.forced
    assert not found.choice.kept
    assert found.body == prompt(model="gpt-4o-mini")
    assert found.model_edited
    assert found.head.count(b"sk-CANARY-caller") == 4  # the caller's own upstream serves it


def test_the_baseline_gets_the_bytes_as_they_came() -> None:
    found = aim(routing(to(0)), request(body=prompt()))
    assert found.choice is not None
    assert found.choice.lane.name is ArmName.BASELINE
    assert (found.body, found.model_edited) == (prompt(), False)


def test_a_foreign_upstream_sees_no_credential_of_the_caller() -> None:
    rules = routing(to(10_000, upstream="second"))
    target = b"/v1/chat/completions?k%65y=sk-CANARY-caller&a=1"
    found = aim(rules, request(*PRIVATE, target=target, body=prompt()))
    assert first_line(found) == b"POST /base/v1/chat/completions?a=1"
    assert b"\r\nHost: second.test:8000\r\n" in found.head
    assert b"\r\nauthorization: Bearer sk-CANARY-own\r\n" in found.head
    assert b"sk-CANARY-caller" not in found.head
    assert found.destination.upstream is SECOND


def test_crossfades_own_request_headers_go_no_further() -> None:
    lines = (b"X-Crossfade-Key: jane", b"x-crossfade-arm: candidate", b"x-crossfade-new: 1")
    for body in (prompt(), prompt(model="another")):
        sent = aim(routing(to(10_000)), request(*lines, body=body)).head
        assert b"crossfade-" not in sent.lower()


@pytest.mark.parametrize(
    ("target", "stream", "options", "injected"),
    [
        (b"/v1/chat/completions", True, {}, True),
        (b"/v1/completions", True, {}, True),
        (b"/v1/chat/completions", True, {"stream_options": {"include_usage": False}}, True),
        (b"/v1/chat/completions", True, {"stream_options": {"include_usage": True}}, False),
        (b"/v1/chat/completions", False, {}, False),
        (b"/v1/responses", True, {}, False),
    ],
)
def test_usage_is_asked_for_where_a_stream_would_not_tell_it(
    target: bytes, stream: bool, options: dict[str, object], injected: bool
) -> None:
    body = prompt(stream=stream, **options)
    found = aim(routing(to(0)), request(b"Accept-Encoding: br", target=target, body=body))
    assert found.strip is injected
    assert (b"accept-encoding: identity" in found.head) is injected
    assert (b"Accept-Encoding: br" in found.head) is not injected
    assert found.body is not None
    if injected:
        assert json.loads(found.body)["stream_options"] == {"include_usage": True}
    else:
        assert found.body == body


def test_usage_is_not_asked_of_an_upstream_that_is_not_to_be_asked() -> None:
    rules = routing(to(10_000, upstream="second"))
    assert not aim(rules, request(body=prompt(stream=True))).strip


@pytest.mark.parametrize("spelt", [b"candidate", b"CANDIDATE", b" Candidate "])
def test_an_arm_may_be_forced_where_the_migration_allows_it(spelt: bytes) -> None:
    raw = request(b"X-Crossfade-Arm: " + spelt, body=prompt())
    found = aim(routing(to(0, allow_force=True)), raw)
    assert found.choice is not None
    assert (found.choice.lane.name, found.choice.forced) == (ArmName.CANDIDATE, True)


@pytest.mark.parametrize(
    ("line", "allow_force"),
    [
        (b"X-Crossfade-Arm: candidate", False),
        (b"X-Crossfade-Arm: new", True),
        (b"X-Crossfade-Arm: \xff", True),
        (b"X-Crossfade-Arm:", True),
        (b"X-Other: candidate", True),
    ],
)
def test_nothing_else_forces_an_arm(line: bytes, allow_force: bool) -> None:
    found = aim(routing(to(0, allow_force=allow_force)), request(line, body=prompt()))
    assert found.choice is not None
    assert (found.choice.lane.name, found.choice.forced) == (ArmName.BASELINE, False)


def test_stored_state_stays_on_the_baseline() -> None:
    body = prompt(previous_response_id="resp_1")
    found = aim(routing(to(10_000)), request(target=b"/v1/responses", body=body))
    assert found.choice is not None
    assert (found.choice.lane.name, found.choice.kept) == (ArmName.BASELINE, True)
    assert found.body == body


def test_the_same_key_is_drawn_the_same_arm_whatever_the_request_is_called() -> None:
    rules = routing(to(5_000))
    names = set()
    for number in range(20):
        head = read_request(request(b"x-crossfade-key: jane", b"Content-Length: 9"))
        found = rules.aim(rules.look(head), head, prompt(), b"%032d" % number)
        assert found.choice is not None
        names.add(found.choice.lane.name)
    assert len(names) == 1


def test_a_named_upstream_is_reached_past_every_migration() -> None:
    raw = request(*PRIVATE, target=b"/u/second/v1/chat/completions", body=prompt())
    seen = look(routing(to(10_000)), raw)
    assert (seen.wants_body, seen.target) == (False, b"/v1/chat/completions")
    found = aim(routing(to(10_000)), raw)
    assert (found.choice, found.destination.upstream) == (None, SECOND)
    assert first_line(found) == b"POST /base/v1/chat/completions"


def test_a_named_upstreams_dialect_decides_about_paths_of_several_apis() -> None:
    seen = look(routing(), get(b"/u/claude/v1/models"))
    assert (seen.call.dialect, seen.call.operation) == (Dialect.ANTHROPIC, Operation.MODELS)


@pytest.mark.parametrize(
    "target",
    [b"/u/nowhere/v1/models", b"/u/second", b"/u/", b"/u//v1", b"/u/\xc3\xa9/v1", b"/u/%6f/"],
)
def test_an_unknown_name_is_refused(target: bytes) -> None:
    head = read_request(get())
    head.target = target
    with pytest.raises(Refused) as caught:
        routing().look(head)
    assert caught.value.failure is UNKNOWN_UPSTREAM


def test_raising_the_share_is_seen_in_a_new_routing_alone() -> None:
    before = to(0)
    after = msgspec.structs.replace(before, split=Split(share=10_000))
    old, new = routing(before), routing(after)
    for rules, name in ((old, ArmName.BASELINE), (new, ArmName.CANDIDATE), (old, ArmName.BASELINE)):
        choice = aim(rules, request(body=prompt())).choice
        assert choice is not None
        assert choice.lane.name is name


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        (request(body=prompt()), "openai"),
        (request(target=b"/v1/messages", body=prompt()), "claude"),
        (request(target=GENERATE, body=b"{}"), "gemini"),
        (get(), "openai"),
        (get(b"/v1/models", b"anthropic-version: 2023-06-01"), "claude"),
        (get(b"/v1/models", b"x-goog-api-key: sk-CANARY-caller"), "gemini"),
        (get(b"/anything"), "openai"),
    ],
)
def test_the_first_upstream_of_a_dialect_serves_what_nothing_matches(raw: bytes, name: str) -> None:
    assert aim(routing(), raw).destination.upstream.name == name


def test_without_an_upstream_of_a_dialect_its_calls_are_refused() -> None:
    rules = routing(upstreams=(OPENAI,))
    assert refusal(rules, request(target=b"/v1/messages", body=prompt())) is NO_UPSTREAM
    assert refusal(routing(upstreams=()), get()) is NO_UPSTREAM


def test_a_path_of_nobody_goes_to_the_first_upstream_whatever_its_headers_say() -> None:
    rules = routing(upstreams=(OPENAI,))
    raw = get(b"/v1/models", b"anthropic-version: 2023-06-01")
    assert aim(rules, raw).destination.upstream is OPENAI
