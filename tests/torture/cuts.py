"""A connection that is cut around a commit: the client cannot know whether it was done."""

import contextlib
import random
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal
from urllib.parse import urlsplit

from tests.store.samples import registry
from tests.torture.place import Figures, Place, assert_whole, begun
from tests.torture.worker import calls_of, load_of
from tracker.store.event_store import open_store

Moment = Literal["before the commit", "before the answer"]

ASK, DONE = b"COMMIT\0", b"COMMIT\0"  # in a query of the client, and in the answer of the server


class Proxy:
    """Passes everything on, until it is armed: then it cuts the connection at the next commit, once."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._door.getsockname()[1])
        self._armed: Moment | None = None
        self._lock = threading.Lock()
        self.cuts = 0
        threading.Thread(target=self._welcome, daemon=True).start()

    def arm(self, moment: Moment) -> None:
        with self._lock:
            self._armed = moment

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._door.shutdown(socket.SHUT_RDWR)
        self._door.close()

    def _welcome(self) -> None:
        while True:
            try:
                client, _ = self._door.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self._target))
            for ends in ((client, server, "before the commit", ASK), (server, client, "before the answer", DONE)):
                threading.Thread(target=self._pass, args=ends, daemon=True).start()

    def _pass(self, source: socket.socket, target: socket.socket, moment: Moment, sign: bytes) -> None:
        with contextlib.suppress(OSError):
            while some := source.recv(65536):
                if sign in some and self._fires(moment):
                    break
                target.sendall(some)
        for each in (source, target):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def _fires(self, moment: Moment) -> bool:
        with self._lock:
            if self._armed != moment:
                return False
            self._armed = None
            self.cuts += 1
            return True


@contextmanager
def proxied(url: str) -> Iterator[tuple[str, Proxy]]:
    """A proxy in front of a server, and the URL through it."""
    parts = urlsplit(url)
    assert parts.port
    proxy = Proxy(parts.port)
    try:
        yield f"{url.replace(f':{parts.port}/', f':{proxy.port}/')}?sslmode=disable&gssencmode=disable", proxy
    finally:
        proxy.close()


def cuts(place: Place, rounds: int, seed: int = 0) -> Figures:
    """The same call succeeds by itself, and what it said is there once, whichever side of the commit was cut."""
    chance = random.Random(seed)
    counts = dict.fromkeys(("rounds", "cut before the commit", "recorded anew", "cut before the answer"), 0)
    counts["recognised"] = 0
    with begun(place) as (url, _), proxied(url) as (through, proxy), open_store(through) as store:
        for number in range(rounds):
            large = number % 5 == 0
            statements = load_of(f"r{number}", 600) if large else calls_of(f"r{number}")[0]
            moment = chance.choice(("before the commit", "before the answer"))
            proxy.arm(moment)  # type: ignore[arg-type]
            before = store.max_position()
            done = store.load(registry(), statements) if large else store.record(statements)
            counts["rounds"] += 1
            counts[f"cut {moment}"] += 1
            assert proxy.cuts == counts["rounds"]
            if moment == "before the answer":
                assert (done.recorded, done.first) == (0, None)
                assert done.unchanged >= len(statements)
                counts["recognised"] += 1
            else:
                assert done.recorded == len(statements)
                counts["recorded anew"] += 1
            assert len(list(store.events(after=before))) == len(statements)
        whole = assert_whole(url, store)
    return Figures("a connection cut", place.kind, {**counts, "events in the end": whole})
