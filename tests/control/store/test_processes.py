"""The embedded store and its processes: killed, starved of disk, kept from writing, read beside."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from control.store.embedded import EmbeddedStore
from proxy.source.embedded import EmbeddedSource
from proxy.wire import decode
from tests.doubles.documents import document

COMMITTER = """
import asyncio, sys
from pathlib import Path
from control.store.embedded import EmbeddedStore
from tests.control.store.contract import commit

async def main():
    store = EmbeddedStore(Path(sys.argv[1]))
    while True:
        version = (await store.read()).version + 1
        await commit(store, version)
        print(version, flush=True)

asyncio.run(main())
"""

STARVED = """
import asyncio, resource, sys
from pathlib import Path
from control.store import StoreUnavailable
from control.store.embedded import EmbeddedStore
from tests.control.store.contract import commit

def allow(size):
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

async def main():
    store = EmbeddedStore(Path(sys.argv[1]))
    await commit(store, 1)
    for size in (0, 100, 4096, 10_000, 33_000, 40_000):
        allow(size)
        try:
            await commit(store, 2)
        except StoreUnavailable as error:
            print("refused", error)
        else:
            print("committed at", size)
            break
        finally:
            allow(resource.RLIM_INFINITY)
        assert (await store.read()).version == 1
        assert len(await store.history("triage", 10)) == 1
    if (await store.read()).version == 1:
        await commit(store, 2)
    assert (await store.read()).version == 2
    await store.close()

asyncio.run(main())
"""

READ_ONLY = """
import asyncio, os, shutil, tempfile
from pathlib import Path
from control.store import StoreUnavailable
from control.store.embedded import EmbeddedStore
from tests.control.store.contract import commit

async def main():
    top = Path(tempfile.mkdtemp())
    top.chmod(0o555)
    if os.geteuid() == 0:
        os.seteuid(65534)  # permissions do not stop root
    for place in (top, top / "below"):
        store = EmbeddedStore(place)
        for call in (store.open(), store.read(), commit(store, 1)):
            try:
                await call
            except StoreUnavailable as error:
                print("refused", error)
        if place == top:
            os.seteuid(os.getuid())
            top.chmod(0o777)
            await commit(store, 1)
            print("recovered at", (await store.read()).version)
            top.chmod(0o555)
            if os.geteuid() == 0:
                os.seteuid(65534)
        await store.close()
    os.seteuid(os.getuid())
    top.chmod(0o700)
    shutil.rmtree(top)

asyncio.run(main())
"""


def run(script: str, *arguments: object) -> str:
    done = subprocess.run(
        [sys.executable, "-c", script, *map(str, arguments)],
        stdout=subprocess.PIPE,
        check=True,
        text=True,
        timeout=60,
    )
    return done.stdout


@contextmanager
def committing(state_dir: Path) -> Iterator[IO[bytes]]:
    """A process that commits, prints what was acknowledged, and is killed at the end."""
    with subprocess.Popen(
        [sys.executable, "-c", COMMITTER, str(state_dir)], stdout=subprocess.PIPE
    ) as committer:
        assert committer.stdout is not None
        yield committer.stdout
        committer.kill()


def killed_after(commits: int, state_dir: Path) -> int:
    """The last version acknowledged by a process killed some time after so many commits."""
    with committing(state_dir) as told:
        acknowledged = [int(told.readline()) for _ in range(commits)]
    return acknowledged[-1]


async def test_nothing_acknowledged_is_lost_when_the_process_is_killed(tmp_path: Path) -> None:
    source = EmbeddedSource(tmp_path)
    for commits in (1, 2, 5, 11, 3):
        acknowledged = killed_after(commits, tmp_path)
        loaded = await source.load()
        store = EmbeddedStore(tmp_path)
        held = await store.read()
        assert held.version >= acknowledged
        assert held.document == loaded == document(held.version)
        assert [told.version for told in await store.history("triage", 1_000)] == list(
            range(held.version, 0, -1)
        )
        await store.close()
    await source.close()


async def test_a_reader_beside_a_committing_process_sees_whole_rising_versions(
    tmp_path: Path,
) -> None:
    source = EmbeddedSource(tmp_path)
    with committing(tmp_path) as told:
        told.readline()
        seen = [await source.load() for _ in range(200)]
    versions = [decode(data)[0].version for data in seen if data is not None]
    assert len(versions) == 200
    assert versions == sorted(versions)
    await source.close()


def test_a_disk_that_fails_in_a_commit_leaves_the_version_before(tmp_path: Path) -> None:
    told = run(STARVED, tmp_path)
    assert told.count("refused store.db cannot be used") >= 3


def test_a_directory_that_cannot_be_written_is_unavailable_until_it_can() -> None:
    told = run(READ_ONLY).splitlines()
    assert told == [
        *["refused serve.lock cannot be written: Permission denied"] * 3,
        "recovered at 1",
        *["refused state_dir cannot be created: Permission denied"] * 3,
    ]
