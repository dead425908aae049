"""What routing decodes of a body, and nothing else."""

from __future__ import annotations

import msgspec
import pytest

from proxy.routing.wanted import decode, decode_object, decode_text


def test_only_the_wanted_members_are_decoded() -> None:
    wanted = decode(b'{"model":"m","stream":true,"messages":[{"model":"x"}],"user":7}')
    assert (wanted.model, wanted.stream, wanted.user) == ("m", True, 7)
    assert not wanted.previous_response_id


def test_stored_state_is_seen_as_being_there() -> None:
    wanted = decode(b'{"previous_response_id":"r","cachedContent":"c"}')
    assert bytes(wanted.previous_response_id) == b'"r"'
    assert bytes(wanted.cached_content_camel) == b'"c"'


@pytest.mark.parametrize("body", [b'{"model":1}', b"[]", b'{"stream":"true"}'])
def test_another_type_is_told_apart_from_bad_json(body: bytes) -> None:
    with pytest.raises(msgspec.ValidationError):
        decode(body)


def test_objects_and_texts_are_taken_apart_level_by_level() -> None:
    inside = decode_object(b'{"metadata":{"user_id":"u"}}')["metadata"]
    assert decode_text(decode_object(inside)["user_id"]) == "u"
