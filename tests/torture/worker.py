"""Processes to kill: `python -m tests.torture.worker` reads orders and forks for each, so that none has to import.

An order is a line of JSON: `jobs`, each a task with its arguments, and `kill_after`, seconds or null. The answer is
how each job ended, and how long they took. Or it is `warm`, and the URL of an empty store. A job notes what it was told
was done in a file, before it goes on.
"""

import contextlib
import itertools
import json
import os
import resource
import signal
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tests.store.samples import announcement, correction, registry
from tracker.model.announcement import Statement
from tracker.model.errors import TrackerError
from tracker.projections.load import load as load_record
from tracker.projections.refresh import rebuild, refresh
from tracker.services import records
from tracker.store.errors import StoreBusy, StoreUnavailable
from tracker.store.event_store import open_store

TARGET = "target"  # the announcement that everybody corrects
CALLS = 6  # of a recorder
BATCH = 20  # events of a refresher in one transaction
PAUSE = 0.01  # seconds between two reads


def note(path: str, said: object) -> None:
    """One line, in one write: it is there as soon as this returns, whatever becomes of the process."""
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    try:
        os.write(file, json.dumps(said).encode() + b"\n")
    finally:
        os.close(file)


def noted(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def calls_of(name: str) -> list[list[Statement]]:
    """What a recorder records, call by call: none of these may be there in part. Each corrects one of the last."""
    return [
        [
            *(announcement(f"{name}-{call}-{number}") for number in range(3)),
            correction(f"{name}-{call}-c", f"{name}-{max(call - 1, 0)}-0"),
        ]
        for call in range(CALLS)
    ]


def load_of(name: str, count: int) -> list[Statement]:
    return [announcement(f"{name}-{number}") for number in range(count)]


def record(url: str, notes: str, name: str) -> None:
    """Record some calls, and bring the tables up after each, as `tracker record` does."""
    with open_store(url) as store:
        for number, call in enumerate(calls_of(name)):
            store.record(call)
            note(notes, number)
            refresh(url, store)


def warm(url: str) -> None:
    """Do everything once, so that what is forked later has imported and compiled all that it needs."""
    import gc
    import tempfile

    from tracker.store import postgres  # noqa: F401  # is imported by whoever opens such a store

    with tempfile.TemporaryDirectory() as folder:
        notes = str(Path(folder, "notes"))
        load(url, notes, "first", 3)
        record(url, notes, "warm")
        bring_up(url, notes, anew=True, batch=BATCH)
        answer(url, notes)
    gc.freeze()


def load(url: str, notes: str, name: str, count: int) -> None:
    with open_store(url) as store:
        store.load(registry(), load_of(name, count))
    note(notes, "loaded")


def bring_up(url: str, notes: str, anew: bool, batch: int) -> None:
    with open_store(url) as store:
        note(notes, rebuild(url, store, piece=batch) if anew else refresh(url, store, batch=batch))


def write(url: str, notes: str, me: int, calls: int) -> None:
    """One of many writers: things of its own, corrections of what all correct, and the same things as all others."""
    recorded = unchanged = busy = 0
    try:
        with open_store(url) as store:
            for number in range(calls):
                own: list[Statement] = [announcement(f"w{me}-{number}"), correction(f"c{me}-{number}", TARGET)]
                for some in (own, [announcement(f"same-{number}")]):
                    while True:
                        try:
                            done = store.record(some)
                            break
                        except StoreBusy:
                            busy += 1
                    recorded, unchanged = recorded + done.recorded, unchanged + done.unchanged
    finally:
        note(notes, {"recorded": recorded, "unchanged": unchanged, "busy": busy})


def tail(url: str, notes: str, writers: Sequence[str]) -> None:
    """Read what is new, again and again, each time behind the last position that was seen."""
    reads, seen = 0, [0]
    with open_store(url) as store:
        while True:
            ended = _ended(writers)
            seen += [found.position for found in store.events(after=seen[-1])]
            reads += 1
            time.sleep(PAUSE)
            if ended:
                break
    note(notes, {"reads": reads, "seen": seen[1:]})


def look(url: str, notes: str, writers: Sequence[str], renew: bool) -> None:
    """Load the record from the tables, again and again; it must be one that was, and never an older one."""
    reads, position = 0, 0
    with open_store(url) as store:
        while True:
            ended = _ended(writers)
            if renew:
                refresh(url, store)
            found = load_record(url)
            assert found.position >= position, "taken back in time"
            corrections = {version.statement.id for version in found.announcements[TARGET]} - {TARGET}
            own = [name for name in found.announcements if name.startswith("w")]
            assert len(own) == len(corrections), (
                f"half of a call: {len(own)} and {len(corrections)}"
            )  # one of each in a call
            reads, position = reads + 1, found.position
            time.sleep(PAUSE)
            if ended:
                break
    note(notes, {"reads": reads})


def keep_writing(url: str, notes: str, me: int, end: str) -> None:
    """Record until the end, and say the same again whenever the server is away; each acknowledgement is noted."""
    refused = 0
    with contextlib.ExitStack() as stack:
        store = None
        for number in itertools.count():
            name = f"w{me}-{number}"
            some = calls_of(name)[0] if number % 4 == 0 else [announcement(name)]
            begun, done = time.monotonic(), None
            while done is None and not Path(end).exists():
                try:
                    store = store or stack.enter_context(open_store(url))
                    done = store.record(some)
                except (StoreUnavailable, StoreBusy):
                    refused += 1
                    time.sleep(PAUSE)
            if done is None:
                break
            took = time.monotonic() - begun
            note(notes, {"ids": [each.id for each in some], "at": time.time(), "took": took, "anew": done.recorded > 0})
    note(notes, {"refused": refused})


def follow(url: str, notes: str, end: str) -> None:
    """Read what is new from one server, whatever becomes of it: neither a gap, nor back, nor an error."""
    seen, reads = [0], 0
    with open_store(url) as store:
        while not Path(end).exists():
            seen += [found.position for found in store.events(after=seen[-1])]
            assert store.max_position() >= seen[-1], "went back"
            reads += 1
            time.sleep(PAUSE)
    note(notes, {"reads": reads, "seen": seen[1:]})


def fill(url: str, notes: str, count: int, room: int) -> None:
    """A load with no room for files beyond a size: for where no file system can be mounted."""
    with open_store(url) as store:
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
        try:
            store.record(load_of("a", count))
        except TrackerError as error:
            note(notes, f"{type(error).__name__}: {error}")


def answer(url: str, notes: str) -> None:
    """Ask the way every question does, whatever state the tables were left in."""
    from datetime import UTC, datetime

    note(notes, records.from_store(url, datetime.now(UTC), lambda _: None).record.position)


def _ended(writers: Sequence[str]) -> bool:
    return all(Path(path).exists() for path in writers)


TASKS: dict[str, Callable[..., None]] = {
    each.__name__: each for each in (record, load, bring_up, write, tail, look, keep_writing, follow, fill, answer)
}


def _child(task: str, arguments: Sequence[Any]) -> None:
    status = 1
    try:
        TASKS[task](*arguments)
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(status)


def _obey(jobs: Sequence[tuple[str, Sequence[Any]]], kill_after: float | None) -> tuple[list[int], float]:
    begun, children = time.monotonic(), []
    for task, arguments in jobs:
        child = os.fork()
        if child == 0:
            _child(task, arguments)
        children.append(child)
    if kill_after is not None:
        time.sleep(kill_after)
        for child in children:
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)  # nobody else has its number: it was not waited for yet
    ended = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    return ended, time.monotonic() - begun


if __name__ == "__main__":
    for _ in itertools.count():
        line = sys.stdin.readline()
        if not line:
            break
        order = json.loads(line)
        if "warm" in order:
            warm(order["warm"])
            print(flush=True)
            continue
        print(json.dumps(_obey(order["jobs"], order["kill_after"])), flush=True)
