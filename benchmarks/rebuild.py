"""How many events a second become tables and columns, beside floors that no program here can beat, in one run.

    python benchmarks/rebuild.py [--sizes 10000 100000] [--store sqlite|postgres|both] [--corrected 50] [--profile]

Ours is `tracker rebuild` without the public views: the whole log read, rows of all tables and the columns made of it,
in one transaction; and `tracker rebuild --columns`, which leaves the rows as they are. The floors: the plain scan of
the log; the same bytes decoded by msgspec into dictionaries, and into the structs that ours reads, and nothing done
with them; the same rows put into the same tables by INSERT or COPY. The peer is `eventsourcing`'s own reader and
mapper, one event after the other, here without even a database to write to. With `--corrected N`, one announcement in
N has a correction, and its whole history is read again.
"""

import argparse
import cProfile
import gc
import pstats
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import text

sys.path.insert(0, str(Path(__file__).parents[1]))

from append import server
from desk import announcements, registry

from tracker.model.announcement import Announcement, Correction, Statement
from tracker.projections.refresh import rebuild, refresh
from tracker.projections.rows import recorded_row, recorded_states, registry_rows
from tracker.projections.writer import ANNOUNCEMENTS, METADATA, REGISTRY, put_rows, writer
from tracker.store.database import Stored
from tracker.store.event_store import EventStore, open_store
from tracker.store.url import parse_address

AT_ONCE = 20_000
BY_MODEL = 20_000  # events for what is slow
ROUNDS = 3  # of up to a million events; one of more
SCAN = "SELECT state FROM event_log WHERE position > ? ORDER BY position LIMIT ?"


def timed(name: str, count: int, work: Callable[[], Any]) -> Any:
    gc.collect()
    wall, processor = time.perf_counter(), time.process_time()
    found = work()
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"  {name:<62}{count / wall:>10,.0f} /s {wall / count * 1e6:>8.1f} µs {processor / count * 1e6:>8.1f} µs CPU"
        f"{peak:>8,.0f} MB at most until then",
        flush=True,
    )
    return found


def filled(store: EventStore, count: int, corrected: int) -> int:
    """Events of which count/10 register a measure, and one in `corrected` announcements has a correction.

    Returns: how many there are.
    """
    measures = count // 10
    store.load(registry(measures), [])
    for start in range(0, count - measures, AT_ONCE):
        said: list[Statement] = []
        for each in announcements(start, min(start + AT_ONCE, count - measures), measures):
            said.append(each)
            if corrected and len(said) % corrected == 0:
                said.append(_corrected(each))
        store.record(said)
    return store.max_position()


def _corrected(said: Announcement) -> Correction:
    plain = {"id": f"c-{said.id}", "corrects": said.id, "announced": "2026-01-01", "reason": "A slip of the pen."}
    return Correction.model_validate({**plain, "replace": {"note": "Seen again."}})


def in_turn(store: EventStore) -> Iterator[list[Stored]]:
    position = 0
    while batch := store.stored(position, AT_ONCE):
        yield batch
        position = batch[-1].position


def floors(store: EventStore, count: int) -> None:
    def scan() -> None:
        for position in range(0, count, AT_ONCE):
            store._log.select(SCAN, (position, AT_ONCE))

    def decode() -> None:
        read = msgspec.json.Decoder().decode
        for position in range(0, count, AT_ONCE):
            read(b"[" + b",".join(row["state"] for row in store._log.select(SCAN, (position, AT_ONCE))) + b"]")

    def decode_structs() -> None:
        for batch in in_turn(store):
            for _ in recorded_states([stored for stored in batch if stored.type == "AnnouncementRecorded"]):
                pass

    timed("floor: scan of the log", count, scan)
    timed("floor: scan, and msgspec makes dictionaries", count, decode)
    timed("floor: scan, and msgspec makes structs of announcements", count, decode_structs)


def rows_alone(url: str, store: EventStore) -> None:
    """The rows of one batch, put into empty tables."""
    batch = next(iter(in_turn(store)))
    recorded = [stored for stored in batch if stored.type == "AnnouncementRecorded"]
    announcements = [recorded_row(position, state, position) for position, state in recorded_states(recorded)]
    ready = ((REGISTRY, registry_rows(batch)), (ANNOUNCEMENTS, announcements))

    def put() -> None:
        for table, rows in ready:
            put_rows(connection, table, rows)

    with writer(parse_address(url)) as connection:
        with connection.begin():
            for table in METADATA.tables.values():
                connection.execute(text(f"DELETE FROM {table.name}"))
        timed("floor: ready rows into all tables", len(batch), lambda: _in_transaction(connection, put))


def _in_transaction(connection: Any, work: Callable[[], None]) -> None:
    with connection.begin():
        work()


def measure(url: str, size: int, corrected: int, *, profile: bool) -> None:
    with closing(open_store(url)) as store:
        count = filled(store, size, corrected)
        some = min(count, BY_MODEL)
        timed("peer: eventsourcing's reader and mapper, event by event", some, lambda: list(store.events(limit=some)))
        floors(store, count)
        timed("first refresh, in batches", count, lambda: refresh(url, store))
        if profile:
            profiler = cProfile.Profile()
            profiler.runcall(rebuild, url, store)
            pstats.Stats(profiler).sort_stats("tottime").print_stats(20)
        rounds = ROUNDS if size <= 1_000_000 else 1
        for _ in range(rounds):
            timed("rebuild: all tables and columns, in one transaction", count, lambda: rebuild(url, store))
        for _ in range(rounds):
            timed("rebuild --columns", count, lambda: rebuild(url, store, columns=True))
        rows_alone(url, store)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000])
    options.add_argument("--corrected", type=int, default=0, metavar="N", help="one announcement in N")
    options.add_argument("--million", action="store_true", help="a million, too")
    options.add_argument("--store", choices=["sqlite", "postgres", "both"], default="both")
    options.add_argument("--profile", action="store_true", help="where the time goes")
    asked = options.parse_args()
    sizes = [*asked.sizes, *[1_000_000] * asked.million]
    for size in sizes if asked.store != "postgres" else ():
        print(f"{size:,} events, SQLite")
        with tempfile.TemporaryDirectory(prefix="tracker-bench-") as folder:
            measure(f"{folder}/store.sqlite", size, asked.corrected, profile=asked.profile)
    if asked.store != "sqlite":
        with server() as running:
            for size in sizes if running else ():
                print(f"{size:,} events, PostgreSQL")
                assert running
                measure(running.new_database(), size, asked.corrected, profile=asked.profile)


if __name__ == "__main__":
    main()
