"""What reaches a Redis, searched for everything that went through and may not stay."""

from __future__ import annotations

from pathlib import Path

from proxy.redis import keys
from tests.doubles.redis_server import RedisServer
from tests.doubles.requests import chat
from tests.e2e import canary
from tests.e2e.apis import Apis
from tests.e2e.asking import ask
from tests.e2e.conftest import Make
from tests.e2e.stage import stage

PASSWORD = "sk-CANARY-redis"
ENVIRON = dict(canary.ENVIRON) | {"REDIS_PASSWORD": PASSWORD}
REQUESTS = 12


async def test_nothing_of_a_request_and_no_secret_reaches_a_redis(
    make: Make, apis: Apis, tmp_path: Path
) -> None:
    """Failure case 89: prompts, answers, keys and passwords are in no Redis, log or file."""
    with RedisServer(tmp_path / "redis", f"requirepass {PASSWORD}", "rdbcompression no") as redis:
        store = {"url": redis.url, "password_env": "REDIS_PASSWORD"}
        crossfade = make({"store": store}, ENVIRON)
        crossfade.start()
        moved = stage(crossfade, apis).migrate(weight=50)
        credential = f"Authorization: Bearer {canary.CALLER}".encode()
        for number in range(REQUESTS):
            key = f"x-crossfade-key: {canary.KEY}-{number}".encode()
            await ask(crossfade, apis, chat(key, credential, model=moved.asks, text=canary.ANSWER))
        assert crossfade.stop() == 0  # it flushes its measurements then
        file = tmp_path / "held.rdb"
        redis.cli("-a", PASSWORD, "--no-auth-warning", "--rdb", str(file))
    held = file.read_bytes()
    for kept in (keys.SNAPSHOT, keys.DELTAS, keys.history(moved.name), moved.asks):
        assert kept.encode() in held
    assert canary.leaks({"redis": held}) == []
