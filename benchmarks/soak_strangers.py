"""A server among strangers: readers that do not read, bodies that do not come, random clocks, streams, and a recorder.

    python benchmarks/soak_strangers.py [--seconds 1200] [--plot FILE.svg]

A server runs in a process of its own on a new store of the record in events/. Each stranger has an address of its own
on loopback; others ask ordinary questions meanwhile, as people do. Prints how long these waited, whether /healthz was
always answered, the memory of the server, and whether all that was recorded is there. Stops with an error where a
figure is not as it should be.
"""

import argparse
import contextlib
import http.client
import os
import random
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from load import free_port, wait_for

ROOT = Path(__file__).parents[1]
MAX_P99, MAX_HEALTH, MAX_GROWTH = 1.0, 5.0, 200 * 2**20  # seconds, seconds, bytes after the first fifth
STATEMENT = """announced = 2026-06-{day:02}
summary = "A statement."
by = [{{ party = "AM" }}]
source = [{{ publisher = "x" }}]
about = ["margara"]
"""


class Soak:
    """Clients of one server until a time, and the figures of those who ask as people do."""

    def __init__(self, port: int, seconds: float) -> None:
        self.port, self.until = port, time.monotonic() + seconds
        self.waits: list[float] = []
        self.health: list[float] = []
        self.refused = 0
        self.errors: list[str] = []

    @property
    def goes_on(self) -> bool:
        return time.monotonic() < self.until

    def connect(self, client: str, buffer: int | None = None) -> socket.socket:
        connection = socket.socket()
        if buffer is not None:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        connection.bind((client, 0))
        connection.settimeout(30)
        connection.connect(("127.0.0.1", self.port))
        return connection

    def get(self, client: str, path: str) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30, source_address=(client, 0))
        with contextlib.closing(connection):
            connection.request("GET", path)
            answer = connection.getresponse()
            answer.read()
            return answer.status

    def person(self, number: int) -> None:
        """Ask an ordinary question now and then."""
        dice, client = random.Random(number), f"127.0.1.{number + 1}"
        while self.goes_on:
            path = dice.choice(
                ("/", "/api/v1/subjects/tr-am-az/state", "/api/v1/announcements?limit=20", "/subjects/margara")
            )
            begun = time.monotonic()
            status = self.get(client, path)
            self.waits.append(time.monotonic() - begun)
            if status != 200:
                self.errors.append(f"{path}: {status}")
            time.sleep(dice.uniform(0.5, 1.5))

    def probe(self, _: int) -> None:
        """Ask for /healthz, as a supervisor does."""
        while self.goes_on:
            begun = time.monotonic()
            if self.get("127.0.2.1", "/healthz") != 200:
                self.errors.append("/healthz was refused")
            self.health.append(time.monotonic() - begun)
            time.sleep(0.5)

    def unread(self, number: int) -> None:
        """Ask much in one packet, and read nothing."""
        asked = b"GET /api/v1/state HTTP/1.1\r\nHost: localhost\r\n\r\n" * 40
        while self.goes_on:
            with contextlib.suppress(OSError), contextlib.ExitStack() as stack:
                for _ in range(5):
                    stack.enter_context(self.connect(f"127.0.3.{number + 1}", 2048)).sendall(asked)
                time.sleep(25)

    def half_body(self, number: int) -> None:
        """Send half a body, a byte at a time."""
        head = b"POST /api/v1/announcements HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        while self.goes_on:
            with contextlib.suppress(OSError), self.connect(f"127.0.4.{number + 1}") as connection:
                connection.sendall(head + b"Authorization: Bearer x\r\nContent-Length: 60000\r\n\r\n")
                while self.goes_on:
                    connection.sendall(b"a")
                    time.sleep(1)
            time.sleep(0.1)

    def random_clocks(self, number: int) -> None:
        """Ask what was never asked before, as often as it is let."""
        dice, client = random.Random(number), f"127.0.5.{number + 1}"
        while self.goes_on:
            day = f"{dice.randint(1990, 2060)}-{dice.randint(1, 12):02}-{dice.randint(1, 28):02}"
            position = dice.choice((dice.randint(1, 600), 10**9 + dice.randint(1, 10**9)))
            path = f"/api/v1/state?as_of={day}&recorded_by={position}&goods={dice.randint(10, 999999)}"
            with contextlib.suppress(OSError, http.client.HTTPException):
                if self.get(client, path) in (429, 503):
                    self.refused += 1
                    time.sleep(0.2)

    def stream(self, number: int) -> None:
        """Listen from the beginning of the log, and hang up."""
        while self.goes_on:
            with contextlib.suppress(OSError), self.connect(f"127.0.6.{number + 1}", 4096) as connection:
                connection.sendall(b"GET /api/v1/changes/stream?after=0 HTTP/1.1\r\nHost: localhost\r\n\r\n")
                for _ in range(20):
                    connection.recv(4096)
                    time.sleep(0.2)

    def far_position(self, number: int) -> None:
        """Wait for a position that never comes."""
        head = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nTracker-After: 999999999999\r\n\r\n"
        while self.goes_on:
            with contextlib.suppress(OSError), self.connect(f"127.0.7.{number + 1}") as connection:
                connection.sendall(head)
                connection.recv(1000)
            time.sleep(0.05)


def recorded(store: str, folder: Path, soak: Soak, names: list[str]) -> None:
    """Record a statement every two seconds, each acknowledged by the command."""
    while soak.goes_on:
        name = f"soak-{len(names)}"
        file = folder / f"{name}.toml"
        file.write_text(STATEMENT.format(day=1 + len(names) % 28), encoding="utf-8")
        command = [sys.executable, "-m", "tracker", "--store", store, "record", str(file), "--by", "Soak"]
        subprocess.run(command, check=True, capture_output=True, cwd=ROOT)
        names.append(name)
        time.sleep(2)


def rss(process: int) -> int:
    """Bytes of memory of a process."""
    return int(Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")


@contextlib.contextmanager
def server(store: str, port: int) -> Iterator["subprocess.Popen[bytes]"]:
    """A server on a store, with the settings that it has by default."""
    command = [sys.executable, "-m", "tracker", "--store", store, "serve", "--port", str(port)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        wait_for(f"http://127.0.0.1:{port}/healthz")
        yield process
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)


def plot(memory: list[int], seconds: float, file: Path) -> None:
    """Draw the memory over time."""
    most = max(memory) * 1.1
    points = " ".join(
        f"{40 + 740 * at / max(len(memory) - 1, 1):.1f},{260 - 240 * size / most:.1f}" for at, size in enumerate(memory)
    )
    text = f"Memory of the server, 0 to {most / 2**20:.0f} MiB, over {seconds:.0f} s among strangers"
    file.write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 800 300" font-family="sans-serif" font-size="14">\n'
        f'<path d="M40 20V260H780" fill="none" stroke="#888"/>\n'
        f'<polyline points="{points}" fill="none" stroke="#036"/>\n'
        f'<text x="40" y="285">{text}</text>\n</svg>\n', encoding="utf-8",
    )  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=1200)
    parser.add_argument("--plot", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        store, port = f"{folder}/soak.sqlite", free_port()
        load = [sys.executable, "-m", "tracker", "--store", store, "load", "events"]
        subprocess.run(load, check=True, capture_output=True, cwd=ROOT)
        with server(store, port) as process:
            soak, names, memory = Soak(port, options.seconds), [], []  # type: ignore[var-annotated]
            kinds: list[tuple[Callable[[int], None], int]] = [
                (soak.person, 6), (soak.probe, 1), (soak.unread, 10), (soak.half_body, 20), (soak.random_clocks, 4),
                (soak.stream, 8), (soak.far_position, 8),
            ]  # fmt: skip
            threads = [threading.Thread(target=kind, args=(n,)) for kind, count in kinds for n in range(count)]
            threads.append(threading.Thread(target=recorded, args=(store, Path(folder), soak, names)))
            for thread in threads:
                thread.start()
            while soak.goes_on:
                memory.append(rss(process.pid))
                time.sleep(1)
            for thread in threads:
                thread.join()
            lost = [name for name in names if soak.get("127.0.1.99", f"/api/v1/announcements/{name}") != 200]
        if options.plot is not None:
            plot(memory, options.seconds, options.plot)
    report(soak, memory, len(names), lost)


def report(soak: Soak, memory: list[int], recorded_count: int, lost: list[str]) -> None:
    """Print the figures. Raises: SystemExit, where one is not as it should be."""
    waits, settled = sorted(soak.waits), memory[len(memory) // 5 :]
    p99 = waits[int(len(waits) * 0.99)]
    growth = max(settled) - settled[0]
    print(f"others: {len(waits)} answers, p50 {statistics.median(waits) * 1000:.0f} ms, p99 {p99 * 1000:.0f} ms")
    print(f"/healthz: {len(soak.health)} answers, slowest {max(soak.health) * 1000:.0f} ms")
    print(f"memory: {memory[0] / 2**20:.0f} MiB at first, {settled[0] / 2**20:.0f} after a fifth of the time, "
          f"{max(memory) / 2**20:.0f} at most")  # fmt: skip
    print(f"recorded {recorded_count}, lost {len(lost)}; strangers refused {soak.refused} times")
    mistakes = [*soak.errors, *(f"lost: {name}" for name in lost)]
    mistakes += [f"p99 {p99:.2f} s"] if p99 > MAX_P99 else []
    mistakes += [f"/healthz {max(soak.health):.2f} s"] if max(soak.health) > MAX_HEALTH else []
    mistakes += [f"memory grew by {growth} bytes"] if growth > MAX_GROWTH else []
    if mistakes:
        raise SystemExit("\n".join(dict.fromkeys(mistakes)))


if __name__ == "__main__":
    main()
