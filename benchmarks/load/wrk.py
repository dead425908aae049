"""As many requests as some connections can carry for some seconds, by wrk."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

from benchmarks.payload import PATH
from benchmarks.process import Core, run

CONNECTIONS = 32


class Carried(NamedTuple):
    """What one run of wrk carried."""

    requests: int
    per_second: float
    failures: int


def load(
    folder: Path, port: int, body: bytes, seconds: int, *, connections: int = CONNECTIONS
) -> Carried:
    """Load a port with POST requests; a failure is a broken connection or a status over 399."""
    script = folder / "post.lua"
    (folder / "post.json").write_bytes(body)
    script.write_text(_SCRIPT.format(body=folder / "post.json"))
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s"]
    command += ["-s", str(script), f"http://127.0.0.1:{port}{PATH}"]
    printed = run(command, core=Core.load, timeout_s=seconds + 60)
    done = json.loads(printed.strip().splitlines()[-1])
    return Carried(done["requests"], done["requests"] / done["us"] * 1e6, done["failures"])


_SCRIPT = """
wrk.method = "POST"
wrk.body = io.open("{body}", "rb"):read("*a")
wrk.headers["Content-Type"] = "application/json"
wrk.headers["Authorization"] = "Bearer sk-benchmark"
wrk.headers["x-plain"] = "1"
function done(summary, latency, requests)
  local e = summary.errors
  print(string.format('{{"requests":%d,"us":%d,"failures":%d}}', summary.requests,
    summary.duration, e.connect + e.read + e.write + e.status + e.timeout))
end
"""
