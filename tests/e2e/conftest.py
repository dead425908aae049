"""Fixtures: the model APIs, a crossfade that tests share, and others for a test of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from itertools import count
from pathlib import Path

import pytest

from tests.doubles.redis_server import RedisServer
from tests.e2e import canary
from tests.e2e.apis import Apis
from tests.e2e.fleet import Fleet, hosts
from tests.e2e.process import Crossfade, start_all
from tests.e2e.stage import Config, Stage, config, stage

Make = Callable[..., Crossfade]


@pytest.fixture(scope="session")
def apis() -> Iterator[Apis]:
    with Apis() as both:
        yield both


@pytest.fixture(scope="module")
def shared(apis: Apis, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """The crossfade of most tests. Each brings a migration of its own, and none stops it.

    One for each file: with every migration /metrics takes 2 ms longer.
    """
    crossfade = Crossfade(tmp_path_factory.mktemp("shared"), config(apis))
    crossfade.start()
    yield stage(crossfade, apis)
    assert crossfade.stop() == 0


@pytest.fixture(scope="session")
def hasty(apis: Apis, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A crossfade with little patience and little room, to be shared like the other one."""
    limits = {
        "max_body": "5MiB",
        "max_parse": "1MiB",
        "max_streams": 40,
        "header_timeout": "1s",  # what is meant to succeed succeeds on a slow machine too
        "body_timeout": "1s",
        "first_byte_timeout": "2s",
        "stream_idle_timeout": "2s",
    }
    crossfade = Crossfade(tmp_path_factory.mktemp("hasty"), config(apis, limits=limits))
    crossfade.start()
    yield stage(crossfade, apis)
    assert crossfade.stop() == 0


@pytest.fixture
def make(apis: Apis, tmp_path: Path) -> Iterator[Make]:
    """Makes a crossfade for one test, which is ended with it; it is not yet started."""
    made: list[Crossfade] = []
    numbers = count()

    def one(
        changes: Config | None = None,
        environ: Mapping[str, str] | None = None,
        prefix: tuple[str, ...] = (),
    ) -> Crossfade:
        folder = tmp_path / f"crossfade-{next(numbers)}"
        folder.mkdir()
        given = canary.ENVIRON if environ is None else environ
        made.append(Crossfade(folder, config(apis, **(changes or {})), given, prefix=prefix))
        return made[-1]

    yield one
    for crossfade in made:
        crossfade.close()


@pytest.fixture
def alone(make: Make, apis: Apis) -> Stage:
    """A running crossfade for one test."""
    crossfade = make()
    crossfade.start()
    return stage(crossfade, apis)


@pytest.fixture
def fleet(apis: Apis, tmp_path: Path) -> Iterator[Fleet]:
    """Two running hosts of two workers each on a Redis of their own."""
    with RedisServer(tmp_path / "redis") as redis, ExitStack() as ending:
        made = hosts(apis, redis, tmp_path)
        for host in made:
            ending.callback(host.close)  # the other one too, where one has not ended well
        start_all(made)
        yield Fleet(made, redis, apis, count())
