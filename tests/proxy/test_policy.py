"""Words of what to do are sound, or they are not at all."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable

import msgspec
import pytest

from proxy.errors import Invalid
from proxy.policy import (
    WHOLE,
    Arm,
    ArmName,
    Auth,
    Dialect,
    Edits,
    Limits,
    Match,
    Route,
    Secret,
    Snapshot,
    Split,
    SystemPrompt,
    Upstream,
)
from tests.proxy.routes import SALT, arm, route

KEY = Secret("sk-CANARY-policy")


@pytest.mark.parametrize("told", [str, repr, "{}".format, "%s".__mod__, lambda key: f"{key!r:>4}"])
def test_a_secret_is_never_shown(told: Callable[[Secret], str]) -> None:
    assert told(KEY).strip() == "***"


def test_a_secret_is_not_shown_by_what_holds_it() -> None:
    holder = Upstream(name="a", dialect=Dialect.OPENAI, host="h", port=1, key=KEY)
    assert "CANARY" not in repr(holder)
    assert holder.auth is Auth.BEARER


@pytest.mark.parametrize("store", [pickle.dumps, copy.copy, copy.deepcopy, msgspec.json.encode])
def test_a_secret_is_never_stored(store: Callable[[Secret], object]) -> None:
    with pytest.raises(TypeError) as caught:
        store(KEY)
    assert "CANARY" not in str(caught.value)


def test_a_secret_is_not_compared_by_accident() -> None:
    assert Secret("a") != Secret("a")
    assert Secret("a").reveal() == "a"


def test_limits_have_sound_defaults() -> None:
    limits = Limits()
    assert limits.max_parse <= limits.max_body <= limits.max_buffered
    assert limits.connect_timeout < limits.first_byte_timeout < limits.total_timeout


@pytest.mark.parametrize("value", [0, -1])
@pytest.mark.parametrize("name", Limits.__struct_fields__)
def test_a_limit_is_more_than_nothing(name: str, value: int) -> None:
    with pytest.raises(Invalid, match=f"limits.{name} must be more than 0"):
        Limits(**{name: value})


@pytest.mark.parametrize(
    "words",
    [
        {"set": {"temperature": "{"}},
        {"set": {"temperature": ""}},
        {"set": {"temperature": "NaN"}},
        {"set": {"model": '"gpt"'}},
        {"drop": ("stream",)},
        {"drop": ("stream.a",)},
        {"drop": ("",)},
        {"drop": ("a..b",)},
        {"drop": ("a", "a")},
        {"drop": ("a",), "set": {"a.b": "1"}},
        {"rename": {"a": "b"}, "drop": ("b",)},
        {"rename": {"a": "b", "c": "b"}},
        {"rename": {"a.b": "c"}},
        {"rename": {"a": "b.c"}},
        {"rename": {"a": "model"}},
        {"system_prompt": SystemPrompt(text="be brief"), "drop": ("messages",)},
    ],
)
def test_edits_that_contradict_each_other_or_reach_too_far_are_refused(
    words: dict[str, object],
) -> None:
    with pytest.raises(Invalid):
        Edits(**words)


@pytest.mark.parametrize(
    "edits",
    [
        Edits(set={"a.b": "1", "a.c": "null"}),
        Edits(drop=("modeled",)),
        Edits(rename={"max_tokens": "max_completion_tokens"}),
        Edits(system_prompt=SystemPrompt(text="be brief"), drop=("seed",)),
    ],
)
def test_edits_are_true_where_there_are_some(edits: Edits) -> None:
    assert edits
    assert not Edits()


@pytest.mark.parametrize("empty", ["name", "upstream", "model"])
def test_an_arm_names_all_three(empty: str) -> None:
    words = {"name": "a", "upstream": "b", "model": "c"} | {empty: ""}
    with pytest.raises(Invalid, match="an arm needs"):
        Arm(**words)


@pytest.mark.parametrize("model", [".", ".."])
def test_an_arms_model_does_not_climb_out_of_a_path(model: str) -> None:
    with pytest.raises(Invalid, match="path segment"):
        Arm(name="a", upstream="b", model=model)


def test_a_match_names_a_model() -> None:
    with pytest.raises(Invalid, match="needs a model"):
        Match(model="")


def test_a_matchs_header_names_are_lower_case() -> None:
    with pytest.raises(Invalid, match="lower case"):
        Match(model="gpt-4o", header={"X-Team": "search"})
    assert Match(model="gpt-4o", header={"x-team": "Search"}).header == {"x-team": "Search"}


@pytest.mark.parametrize("share", [-1, WHOLE + 1])
def test_a_share_is_a_part_of_the_whole(share: int) -> None:
    with pytest.raises(Invalid, match="basis points"):
        Split(share=share)


@pytest.mark.parametrize("share", [0, 1, WHOLE])
def test_nothing_and_everything_are_shares_too(share: int) -> None:
    assert Split(share=share).share == share


@pytest.mark.parametrize("name", ["", "none"])
def test_a_route_has_a_name_that_stands_for_itself(name: str) -> None:
    with pytest.raises(Invalid, match="needs a name"):
        route(name)


@pytest.mark.parametrize("salt", ["", "00" * 7, "00" * 65, "0" * 17, "zz" * 8, SALT + "\n"])
def test_a_salt_is_hex_of_a_size_that_the_draw_takes(salt: str) -> None:
    with pytest.raises(Invalid, match="a salt is hex"):
        route(salt=salt)


@pytest.mark.parametrize("salt", ["00" * 8, "aB" * 64])
def test_the_shortest_and_the_longest_salt_are_fine(salt: str) -> None:
    assert route(salt=salt).salt == salt


@pytest.mark.parametrize("key", ["user", "", "cookie:session", "credentials"])
def test_a_sticky_key_says_where_it_is_found(key: str) -> None:
    with pytest.raises(Invalid, match="a sticky key is"):
        route(sticky=("header:x-user", key))


def test_sticky_keys_are_headers_body_members_or_the_credential() -> None:
    keys = ("credential", "header:x-user", "body:user")
    assert route(sticky=keys).sticky == keys


def test_a_route_gives_its_arms_by_name() -> None:
    found = route()
    assert found.arm(ArmName.BASELINE) is found.baseline
    assert found.arm(ArmName.CANDIDATE) is found.candidate


@pytest.mark.parametrize(("epoch", "version"), [(-1, 0), (0, -1)])
def test_epoch_and_version_count_up_from_nothing(epoch: int, version: int) -> None:
    with pytest.raises(Invalid, match="count up from 0"):
        Snapshot(epoch=epoch, version=version)
    assert Snapshot(epoch=0, version=0).routes == ()


def test_two_routes_of_a_snapshot_have_two_names() -> None:
    Snapshot(epoch=0, version=1, routes=(route("a"), route("b")))
    with pytest.raises(Invalid, match="the same name"):
        Snapshot(epoch=0, version=1, routes=(route("a"), route("a")))


@pytest.mark.parametrize("word", [Limits(), Edits(), arm(), route(), Match(model="m"), Split()])
def test_a_word_with_an_unknown_member_is_refused(word: msgspec.Struct) -> None:
    members = msgspec.to_builtins(word) | {"surprise": 1}
    with pytest.raises(msgspec.ValidationError, match="surprise"):
        msgspec.convert(members, type(word))


@pytest.mark.parametrize("word", [Limits(), arm(), route(), Snapshot(epoch=0, version=1)])
def test_a_word_survives_being_written_and_never_changes(word: msgspec.Struct) -> None:
    assert msgspec.json.decode(msgspec.json.encode(word), type=type(word)) == word
    with pytest.raises(AttributeError):
        setattr(word, word.__struct_fields__[0], None)


def test_a_broken_rule_inside_a_document_is_told_with_its_place() -> None:
    members = msgspec.to_builtins(route()) | {"split": {"share": WHOLE + 1}}
    with pytest.raises(msgspec.ValidationError, match=r"basis points.*\$\.split"):
        msgspec.convert(members, Route)
