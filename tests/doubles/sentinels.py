"""A real master, a replica and a Sentinel, whose replication a test may cut before a failover."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Self

from tests.doubles.redis_server import RedisServer
from tests.doubles.until import block_until

MASTER = "crossfade"


class Sentinels:
    """One of each, entered together."""

    def __init__(self, folder: Path, *options: str) -> None:
        self._stack = ExitStack()
        self._options = options
        self._folder = folder

    @property
    def url(self) -> str:
        return f"redis+sentinel://127.0.0.1:{self.sentinel.port}/{MASTER}"

    def __enter__(self) -> Self:
        enter = self._stack.enter_context
        alone = "user mirror on >mirror ~* &* +psync +replconf +ping"
        at_once = "repl-diskless-sync-delay 0"
        self.master = enter(RedisServer(self._folder / "master", alone, at_once))
        self.replica = enter(
            RedisServer(
                self._folder / "replica",
                f"replicaof 127.0.0.1 {self.master.port}",
                "masteruser mirror",
                "masterauth mirror",
            )
        )
        block_until(lambda: b"master_link_status:up" in self.replica.cli("INFO", "replication"))
        self.sentinel = enter(
            RedisServer(
                self._folder / "sentinel",
                f"sentinel monitor {MASTER} 127.0.0.1 {self.master.port} 1",
                f"sentinel down-after-milliseconds {MASTER} 500",
                *self._options,
                sentinel=True,
            )
        )
        block_until(lambda: b"slaves=1" in self.sentinel.cli("INFO", "sentinel"))
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def cut_replication(self) -> None:
        """From here on the replica hears of no change."""
        self.master.cli("ACL", "SETUSER", "mirror", "off")
        self.master.cli("CLIENT", "KILL", "TYPE", "replica")

    def fail_over(self) -> None:
        """The master dies; returns when the Sentinel names the replica."""
        self.master.kill()
        block_until(self._named)
        block_until(lambda: b"role:master" in self.replica.cli("INFO", "replication"))

    def switch_over(self) -> None:
        """The two change roles, and both live on; no connection is closed for it."""
        block_until(lambda: b"OK" in self.sentinel.cli("SENTINEL", "FAILOVER", MASTER))
        block_until(lambda: b"role:master" in self.replica.cli("INFO", "replication"))
        block_until(self._named)
        # What the Sentinel comes to do in ten seconds.
        self.master.cli("REPLICAOF", "127.0.0.1", str(self.replica.port))

    def _named(self) -> bool:
        port = str(self.replica.port).encode()
        return port in self.sentinel.cli("SENTINEL", "GET-MASTER-ADDR-BY-NAME", MASTER)
