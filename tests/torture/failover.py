"""A primary that is killed in the middle of writing, and a replica that takes its place."""

import contextlib
import random
import socket
import statistics
import threading
import time
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from tests.postgres import Server, pair
from tests.store.conftest import run_sql
from tests.store.samples import announcement, registry
from tests.torture.place import Figures, Processes, assert_whole
from tests.torture.worker import TARGET, noted
from tracker.projections.connections import watching
from tracker.projections.refresh import refresh
from tracker.projections.replica import tip, wait_for
from tracker.services import audit, verification
from tracker.store.errors import StoreUnavailable
from tracker.store.event_store import open_store
from tracker.store.url import PostgresAddress

_LOG = "SELECT MAX(position) FROM event_log"
_TABLES = "SELECT position FROM tracker_checkpoint"


class Link:
    """A way to a server on which everything takes a while; what is under way is lost when it is cut."""

    def __init__(self, port: int, delay: float) -> None:
        self._target, self._delay = port, delay
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._door.getsockname()[1])
        self._cut = threading.Event()
        threading.Thread(target=self._welcome, daemon=True).start()

    def cut(self) -> None:
        """Now, and for ever."""
        self._cut.set()
        with contextlib.suppress(OSError):
            self._door.shutdown(socket.SHUT_RDWR)
        self._door.close()

    def _welcome(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._door.accept()
                server = socket.create_connection(("127.0.0.1", self._target))
                for source, target in ((client, server), (server, client)):
                    threading.Thread(target=self._carry, args=(source, target), daemon=True).start()

    def _carry(self, source: socket.socket, target: socket.socket) -> None:
        under_way: deque[tuple[float, bytes]] = deque()
        more = threading.Semaphore(0)
        threading.Thread(target=self._deliver, args=(target, under_way, more), daemon=True).start()
        some = b"-"
        while some:
            try:
                some = source.recv(65536)
            except OSError:
                some = b""
            under_way.append((time.monotonic() + self._delay, some))
            more.release()

    def _deliver(self, target: socket.socket, under_way: deque[tuple[float, bytes]], more: threading.Semaphore) -> None:
        some = b"-"
        with contextlib.suppress(OSError):
            while some and more.acquire():
                due, some = under_way.popleft()
                self._cut.wait(max(due - time.monotonic(), 0))
                if self._cut.is_set():
                    break
                target.sendall(some)
        with contextlib.suppress(OSError):
            target.shutdown(socket.SHUT_RDWR)
        target.close()


class Way(NamedTuple):
    """How a replica is kept up."""

    name: str
    synchronous: bool
    options: str = ""  # of both servers
    delay: float = 0.0  # seconds, in each direction


ASYNCHRONOUS = Way("asynchronous", synchronous=False)
FAR = Way("asynchronous, 0.2 s behind", synchronous=False, delay=0.2)
SYNCHRONOUS = Way("synchronous (on)", synchronous=True)
APPLIED = Way("synchronous (remote_apply)", synchronous=True, options="-c synchronous_commit=remote_apply")
WAYS = (ASYNCHRONOUS, FAR, SYNCHRONOUS, APPLIED)


@contextmanager
def _two(binaries: Path, way: Way, options: str) -> Iterator[tuple[Server, Server, list[Link]]]:
    links: list[Link] = []

    def through(port: int) -> int:
        links.append(Link(port, way.delay))
        return links[-1].port

    both = f"{options} {way.options}"
    with pair(binaries, options=both, synchronous=way.synchronous, through=through if way.delay else None) as servers:
        try:
            yield *servers, links
        finally:
            for link in links:
                link.cut()


def caught_up(replica: str, primary: str) -> None:
    """Wait until a replica has all that its primary has, the database itself to begin with."""
    until = time.monotonic() + 60
    while True:
        try:
            assert wait_for(replica, tip(primary), 60)
            return
        except StoreUnavailable:
            assert time.monotonic() < until
            time.sleep(0.05)


def failover(
    binaries: Path, running: Processes, folder: Path, way: Way, *,
    seconds: float = 5, writers: int = 6, readers: int = 2, options: str = "-c fsync=off", seed: int = 0,
) -> Figures:  # fmt: skip
    """Kill the primary, promote the replica; the writers find it, and go on. Nothing that was acknowledged is lost."""
    with _two(binaries, way, options) as (primary, replica, links):
        url = primary.new_database()
        name = url.rpartition("/")[2]
        anywhere = f"postgresql://tracker@127.0.0.1:{primary.port},127.0.0.1:{replica.port}/{name}"
        key = folder / f"{name}-{way.name.replace(' ', '-')}.key"
        audit.keygen(key, "example.org/record")
        with open_store(url) as store:
            store.load(registry(), [announcement(TARGET)])
            refresh(url, store)
        caught_up(replica.url(name), url)
        notes = [audit.checkpoint(url, key)]
        ends = _Ends(folder / f"end-{key.stem}")
        wrote = [ends.notes(f"writer{me}") for me in range(writers)]
        read = [ends.notes(f"reader{number}") for number in range(readers)]
        through = f"{anywhere}?target_session_attrs=read-write"
        jobs: list[tuple[object, ...]] = [
            ("keep_writing", through, str(path), me, str(ends.end)) for me, path in enumerate(wrote)
        ]
        jobs += [("follow", replica.url(name), str(path), str(ends.end)) for path in read]
        crew = _Crew(running, jobs)
        _wait_for_writers(wrote, 0)
        time.sleep(seconds * random.Random(seed).uniform(0.8, 1))
        notes.append(audit.checkpoint(url, key))
        _wait_for_writers(wrote, time.time())
        primary.kill()
        for link in links:
            link.cut()
        promoting = time.time()  # nothing is acknowledged by the new primary before
        replica.promote()
        promoted = time.time()
        _wait_for_writers(wrote, promoted)
        time.sleep(seconds * 0.2)
        ends.end.touch()
        assert crew.codes() == [0] * len(jobs), "somebody failed"
        counts = _judge(replica.url(name), notes, [noted(path) for path in wrote], promoting)
        _compare_readers(replica.url(name), [noted(path)[0] for path in read], counts)
        counts["of them to promote"] = round(promoted - promoting, 2)
        primary.start()  # what was on its disk, though nobody may have been told
        counts |= _common(url, replica.url(name))
        if way.synchronous:
            assert counts["acknowledged and lost"] == 0
    return Figures("a primary killed, a replica promoted", way.name, counts)


class _Ends(NamedTuple):
    """The file that tells everybody to stop, and the notes beside it."""

    end: Path

    def notes(self, name: str) -> Path:
        return self.end.with_name(f"{self.end.name}-{name}")


class _Crew:
    """Jobs in the background."""

    def __init__(self, running: Processes, jobs: Sequence[tuple[object, ...]]) -> None:
        self._ended: list[list[int]] = []
        self._thread = threading.Thread(target=lambda: self._ended.append(running.run(*jobs).codes))
        self._thread.start()

    def codes(self) -> list[int]:
        self._thread.join()
        return self._ended[0]


def _wait_for_writers(wrote: Sequence[Path], since: float) -> None:
    """Until each has been acknowledged something since."""
    until = time.monotonic() + 60
    while not all(any(each.get("at", 0) > since for each in noted(path)) for path in wrote):
        assert time.monotonic() < until, "a writer finds no server that takes what it says"
        time.sleep(0.05)


def _judge(
    url: str, notes: Sequence[str], wrote: Sequence[Sequence[dict[str, Any]]], promoting: float
) -> dict[str, Any]:
    """What the new primary has of what was acknowledged, and whether it extends what was published before."""
    calls = [call for each in wrote for call in each if "ids" in call]
    before = [call for call in calls if call["at"] < promoting]
    rows = [row[0] for row in run_sql(url, "SELECT statement FROM event_log WHERE statement IS NOT NULL")]
    there = set(rows)
    assert len(rows) == len(there), "twice"
    whole = [len(there.intersection(call["ids"])) for call in calls]
    assert all(found in (0, len(call["ids"])) for found, call in zip(whole, calls, strict=True)), "in part"
    lost = [call for call in before if not there.intersection(call["ids"])]
    assert all(there.issuperset(call["ids"]) for call in calls if call["at"] >= promoting)
    fit = [verification.verify(url, notes=[note]).intact for note in notes]
    assert all(fit if not lost else fit[:1])
    with open_store(url) as store:
        events = assert_whole(url, store)
    took = sorted(call["took"] for call in before)
    last, silence = max(call["at"] for call in before), min(call["at"] for call in calls if call["at"] >= promoting)
    return {
        "calls acknowledged before": len(before),
        "a second": round(len(before) / (last - min(call["at"] for call in before))),
        "median ms": round(statistics.median(took) * 1000, 1),
        "acknowledged and lost": len(lost),
        "twice": 0,
        "in part": 0,
        "acknowledged afterwards": len(calls) - len(before),
        "recognised": sum(not call["anew"] for call in calls),
        "seconds without any": round(silence - last, 2),
        "checkpoints of before that fit": f"{sum(fit)} of {len(fit)}",
        "events in the end": events,
    }


def _compare_readers(url: str, read: Sequence[dict[str, Any]], counts: dict[str, Any]) -> None:
    positions = [row[0] for row in run_sql(url, "SELECT position FROM event_log ORDER BY position")]
    for each in read:
        assert each["seen"] == positions[: len(each["seen"])], "a reader saw a gap, or what is not there"
    counts["reads on the replica"] = sum(each["reads"] for each in read)
    counts["gaps, or back"] = 0


def _common(old: str, new: str) -> dict[str, Any]:
    """Where the two logs part, and that their roots are the same up to there."""
    ours, theirs = (run_sql(url, "SELECT leaf FROM merkle_leaves ORDER BY number") for url in (old, new))
    pairs = zip(ours, theirs, strict=False)
    common = next((number for number, (one, other) in enumerate(pairs) if one != other), min(len(ours), len(theirs)))
    roots = {audit.consistency(url, common, common).root1 for url in (old, new)}
    assert len(roots) == 1
    return {"common prefix": common, "its roots": "the same", "only on the old disk": len(ours) - common}


def waits(binaries: Path, way: Way, *, rounds: int = 300, options: str = "-c fsync=off") -> Figures:
    """How often a read right after a write misses it on the replica, and how long it takes until it does not."""
    stale: Counter[str] = Counter()
    took: list[float] = []
    whole: list[float] = []
    with _two(binaries, way, options) as (primary, replica, _links):
        url = primary.new_database()
        at_replica = replica.url(url.rpartition("/")[2])
        with open_store(url) as store:
            store.load(registry(), [announcement(TARGET)])
            refresh(url, store)
            caught_up(at_replica, url)
            with watching(PostgresAddress(at_replica)) as reader:
                for number in range(rounds):
                    position = store.record([announcement(f"r{number}")]).last
                    assert position
                    begun = time.perf_counter()
                    stale["log"] += reader.select(_LOG)[0][0] < position
                    while reader.select(_LOG)[0][0] < position:
                        time.sleep(0.0001)
                    took.append(time.perf_counter() - begun)
                    assert refresh(url, store) == position
                    stale["tables"] += reader.select(_TABLES)[0][0] < position
                    begun = time.perf_counter()
                    assert wait_for(at_replica, tip(url))
                    whole.append(time.perf_counter() - begun)
    counts = {
        "writes": rounds,
        "unwaited reads of the log that missed it": stale["log"],
        "of the tables": stale["tables"],
        "wait, median ms": _milliseconds(took, 0.5),
        "p99 ms": _milliseconds(took, 0.99),
        "with new connections to both servers, median ms": _milliseconds(whole, 0.5),
    }
    return Figures("a read right after a write, on a replica", way.name, counts)


def _milliseconds(took: Sequence[float], share: float) -> float:
    return round(sorted(took)[int(len(took) * share)] * 1000, 2)
