"""Where things are tortured: one kind of database, a folder, and the processes that work there."""

import itertools
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from tests.projections.conftest import assert_same, dump, run_sql
from tests.store.samples import announcement, registry
from tests.torture.worker import TARGET, noted
from tracker.audit.verification import verify
from tracker.projections.load import is_current, load
from tracker.projections.refresh import rebuild, refresh
from tracker.state.fold import fold
from tracker.store.event_store import EventStore, open_store

ROOT = Path(__file__).parents[2]
KILLED = -9


class Figures(NamedTuple):
    """What was done, and what was found; nothing is said of what would have failed."""

    what: str
    kind: str
    counts: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.what}, {self.kind}: " + ", ".join(f"{name} {value}" for name, value in self.counts.items())


class Ended(NamedTuple):
    """How jobs ended."""

    codes: list[int]
    seconds: float


class Processes:
    """The process that forks; see `worker`."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.torture.worker"],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def run(self, *jobs: tuple[Any, ...], kill_after: float | None = None) -> Ended:
        """Run jobs, each a task and its arguments, all at once."""
        process, order = self._process, {"jobs": [(job[0], job[1:]) for job in jobs], "kill_after": kill_after}
        assert process.stdin
        assert process.stdout
        print(json.dumps(order), file=process.stdin, flush=True)
        return Ended(*json.loads(process.stdout.readline()))

    def warm(self, url: str) -> None:
        """Let whoever is forked be ready for the work itself; the store is one to throw away."""
        process = self._process
        assert process.stdin
        assert process.stdout
        print(json.dumps({"warm": url}), file=process.stdin, flush=True)
        process.stdout.readline()

    def close(self) -> None:
        process = self._process
        assert process.stdin
        assert process.stdout
        process.stdin.close()
        process.wait()
        process.stdout.close()


@dataclass
class Place:
    """Stores of one kind."""

    kind: str
    new_url: Callable[[], str]
    folder: Path
    processes: Processes
    server_user: str = "postgres"  # as whom the server runs
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def notes(self) -> Path:
        """A file that is not there yet, for what a job says it has done."""
        return self.folder / f"notes-{self.kind}-{next(self._numbers)}"

    def said(self, *job: Any, kill_after: float | None = None) -> tuple[list[Any], Ended]:
        """Run a task with its URL and other arguments; what it noted, and how it ended."""
        path = self.notes()
        task, url, *rest = job
        ended = self.processes.run((task, url, str(path), *rest), kill_after=kill_after)
        if self.kind == "postgresql" and ended.codes != [0]:
            _settle(url)
        found = noted(path)
        path.unlink(missing_ok=True)
        return found, ended


def _settle(url: str) -> None:
    """Wait until the server is done with what a killed client had sent: its commit may still be under way."""
    busy = """SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
              AND backend_type = 'client backend' AND xact_start IS NOT NULL"""
    while run_sql(url, busy) != [(0,)]:
        time.sleep(0.005)


@contextmanager
def processes() -> Iterator[Processes]:
    made = Processes()
    try:
        yield made
    finally:
        made.close()


@contextmanager
def begun(place: Place) -> Iterator[tuple[str, EventStore]]:
    """A new store with a registry and the announcement that is corrected."""
    url = place.new_url()
    with open_store(url) as store:
        store.load(registry(), [announcement(TARGET)])
        refresh(url, store)
        yield url, store


def assert_sound(store: EventStore) -> int:
    """The log verifies: every event, leaf and hash.

    Returns: how many events.
    """
    found = verify(store)
    assert found.findings == ()
    return found.size


def assert_whole(url: str, store: EventStore) -> int:
    """The log verifies, holds each statement once, and the tables complete themselves.

    Returns: how many events.
    """
    size = assert_sound(store)
    events = list(store.events())
    positions = [event.position for event in events]
    assert positions == sorted(set(positions))
    assert size == len(events)
    refresh(url, store)
    assert is_current(url)
    assert_same(load(url), fold(events))
    refreshed = dump(url)
    rebuild(url, store)
    assert dump(url) == refreshed
    return len(events)
