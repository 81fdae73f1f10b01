"""Requests a second of the server, beside a bare FastAPI endpoint that returns the same bytes, in one run.

    python benchmarks/load.py [--seconds 5] [--connections 16]

Both run in a process of their own, on the same files, and are asked in turns by the same client (asyncio streams,
kept-alive connections). Then the time inside the server for why, state and history of one subject, never asked before.
"""

import argparse
import asyncio
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
API_QUESTION = "/api/v1/subjects/tr-am-az/state?as_of=2025-10-28&mode=road"
ROUNDS = 3
BARE = """
from fastapi import FastAPI, Response
from pathlib import Path
body = Path(__import__("os").environ["BODY"]).read_bytes()
app = FastAPI()

@app.get("/bare")
async def bare():
    return Response(body, media_type="application/json")
"""


class Round(NamedTuple):
    """The figures of one round."""

    requests: int
    seconds: float
    latencies: list[float]

    @property
    def rate(self) -> float:
        return self.requests / self.seconds


def free_port() -> int:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        return int(server.getsockname()[1])


def start(arguments: list[str], environment: dict[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", *arguments],
        cwd=ROOT,
        env={**os.environ, "TRACKER_READ_RATE": "0", **environment},
        stdout=subprocess.DEVNULL,
    )


def wait_for(url: str) -> bytes:
    for _ in range(300):
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                return bytes(answer.read())
        except OSError:
            time.sleep(0.1)
    raise SystemExit(f"{url} does not answer")


async def one_client(port: int, path: str, until: float, latencies: list[float]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept: */*\r\n\r\n".encode()
    while time.perf_counter() < until:
        begun = time.perf_counter()
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200"), head
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        await reader.readexactly(length)
        latencies.append(time.perf_counter() - begun)
    writer.close()


async def load(port: int, path: str, seconds: float, connections: int) -> Round:
    latencies: list[float] = []
    begun = time.perf_counter()
    await asyncio.gather(*(one_client(port, path, begun + seconds, latencies) for _ in range(connections)))
    return Round(len(latencies), time.perf_counter() - begun, latencies)


def report(name: str, rounds: list[Round]) -> float:
    """Print the figures of all rounds; the median rate, in requests a second."""
    rate = statistics.median(one.rate for one in rounds)
    latencies = sorted(latency for one in rounds for latency in one.latencies)
    p50, p99 = (latencies[int(len(latencies) * share)] * 1000 for share in (0.5, 0.99))
    print(f"{name:<34} {rate:>8.0f} requests/s   p50 {p50:6.2f} ms   p99 {p99:6.2f} ms")
    return rate


def in_the_server(port: int) -> None:
    """The time from the request to the end of the answer, one at a time; each question is new to the server."""
    for name in ("state", "why", "history"):
        took = []
        for day in range(1, 29):
            url = f"http://127.0.0.1:{port}/api/v1/subjects/tr-am-az/{name}?as_of=2025-02-{day:02}"
            begun = time.perf_counter()
            with urllib.request.urlopen(url) as answer:
                answer.read()
            took.append((time.perf_counter() - begun) * 1000)
        print(f"{name + ' of one subject, new each time':<34} median {statistics.median(took):6.2f} ms   "
              f"slowest of {len(took)} {max(took):6.2f} ms")  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--connections", type=int, default=16)
    options = parser.parse_args()
    ours, bare = free_port(), free_port()
    with tempfile.TemporaryDirectory() as folder:
        server = start(["tracker", "--events", "events", "serve", "--port", str(ours)], {})
        other = None
        try:
            body = wait_for(f"http://127.0.0.1:{ours}{API_QUESTION}")
            Path(folder, "body").write_bytes(body)
            Path(folder, "bare.py").write_text(BARE)
            other = start(
                ["uvicorn", "bare:app", "--port", str(bare), "--no-access-log", "--log-level", "warning",
                 "--app-dir", folder], {"BODY": str(Path(folder, "body"))},
            )  # fmt: skip
            assert wait_for(f"http://127.0.0.1:{bare}/bare") == body
            print(
                f"{len(body)} bytes, {options.connections} connections, {ROUNDS} rounds of {options.seconds:g} s each"
            )
            rounds: dict[str, list[Round]] = {"bare": [], "ours": []}
            for _ in range(ROUNDS):
                for name, port, path in (("bare", bare, "/bare"), ("ours", ours, API_QUESTION)):
                    rounds[name].append(asyncio.run(load(port, path, options.seconds, options.connections)))
            ratio = report("state of one corridor", rounds["ours"]) / report("a bare FastAPI endpoint", rounds["bare"])
            print(f"ratio: {ratio:.2f} (at least 0.5 is asked for)")
            in_the_server(ours)
            print(json.dumps({"ratio": round(ratio, 3)}))
        finally:
            for process in filter(None, (server, other)):
                process.terminate()
                process.wait(10)


if __name__ == "__main__":
    main()
