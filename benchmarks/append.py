"""How many announcements a second go on the record, beside what no program here can beat, in one run.

    python benchmarks/append.py [--sizes 1000 10000 100000] [--store sqlite|postgres|both] [--million] [--profile]

Ours is `EventStore.record`: digests, plan against what is there, conflicts, the stored bytes, leaves and hashes of the
Merkle log, all in one transaction (above 100,000 in several). The floors put the same bytes into the same tables,
with the same triggers and indexes, and know nothing else. WAL with synchronous=FULL; PostgreSQL with fsync.
"""

import argparse
import cProfile
import gc
import hashlib
import pstats
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import msgspec
import psycopg
import rfc8785

sys.path.insert(0, str(Path(__file__).parents[1]))

from desk import announcements, registry
from tests.postgres import Server, server_binaries

from tracker.model.announcement import Announcement
from tracker.model.canonical import written
from tracker.model.events import canonical
from tracker.store.event_store import migrate, open_store

TRANSACTION = 100_000
TABLES = {
    "stored_events": "originator_id, originator_version, topic, state, statement, digest, recorded_at",
    "merkle_leaves": "number, position, leaf",
    "merkle_nodes": "place, hash",
}
Rows = dict[str, list[tuple[Any, ...]]]


def told(name: str, count: int, wall: float, processor: float) -> None:
    print(f"  {name:<52}{count / wall:>10,.0f} /s {wall / count * 1e6:>8.1f} µs {processor / count * 1e6:>8.1f} µs CPU")


def timed(name: str, count: int, work: Callable[[], object]) -> None:
    wall, processor = time.perf_counter(), time.process_time()
    work()
    told(name, count, time.perf_counter() - wall, time.process_time() - processor)


def ours(url: str, count: int, *, profile: bool) -> None:
    measures = max(1, count // 10)
    wall = processor = 0.0
    profiler = cProfile.Profile()
    with open_store(url) as store:
        store.load(registry(measures), [])
        for start in range(0, count, TRANSACTION):
            said = list(announcements(start, min(start + TRANSACTION, count), measures))
            gc.collect()  # so that clearing up after the line above is not measured
            begun, burnt = time.perf_counter(), time.process_time()
            if profile:
                profiler.runcall(store.record, said)
            else:
                store.record(said)
            wall += time.perf_counter() - begun
            processor += time.process_time() - burnt
    told("tracker" + " (slower, as it is profiled)" * profile, count, wall, processor)
    if profile:
        pstats.Stats(profiler).sort_stats("tottime").print_stats(16)


def hashing(count: int) -> None:
    """What the digests alone take, without a database."""
    said = list(announcements(0, min(count, 20_000), 1000))
    gc.collect()
    plain = [canonical(each) for each in said]
    encode = msgspec.json.Encoder(order="sorted").encode

    def each(of: Callable[[Any], bytes], items: Sequence[Any]) -> Callable[[], object]:
        return lambda: [hashlib.sha256(of(item)).hexdigest() for item in items]

    timed("floor: msgspec and SHA-256 of plain dictionaries", len(said), each(encode, plain))
    timed("the same from the models, stored and hashed forms", len(said), each(lambda item: written(item).bare, said))
    timed("peer: rfc8785 and SHA-256 of plain dictionaries", len(said), each(rfc8785.dumps, plain))

    def whole(item: Announcement) -> bytes:
        return rfc8785.dumps(canonical(item))

    timed("peer: the same, from the models", len(said), each(whole, said))


def sqlite(folder: Path, count: int, *, profile: bool) -> None:
    path = folder / "ours.sqlite"
    ours(str(path), count, profile=profile)
    if count > TRANSACTION:
        return
    with closing(sqlite3.connect(path)) as file:
        rows: Rows = {
            table: file.execute(f"SELECT {columns} FROM {table}").fetchall() for table, columns in TABLES.items()
        }
    raw = folder / "raw.sqlite"
    migrate(str(raw))
    with closing(sqlite3.connect(raw, isolation_level=None)) as file:
        file.execute("PRAGMA synchronous = FULL")
        file.execute("PRAGMA cache_size = -65536")

        def insert() -> None:
            file.execute("BEGIN IMMEDIATE")
            for table, columns in TABLES.items():
                marks = ", ".join("?" * (columns.count(",") + 1))
                file.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", rows[table])
            file.execute("COMMIT")

        timed("floor: executemany of the same bytes", count, insert)


def postgres(server: Server, count: int, *, profile: bool) -> None:
    url = server.new_database()
    ours(url, count, profile=profile)
    if count > TRANSACTION:
        return
    with psycopg.connect(url) as connection:
        rows: Rows = {
            table: connection.execute(f"SELECT {columns} FROM {table}".encode()).fetchall()
            for table, columns in TABLES.items()
        }
    raw = server.new_database()
    migrate(raw)
    with psycopg.connect(raw) as connection:

        def copy() -> None:
            for table, columns in TABLES.items():
                with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({columns}) FROM STDIN".encode()) as to:
                    for row in rows[table]:
                        to.write_row(row)
            connection.commit()

        timed("floor: COPY of the same bytes", count, copy)


@contextmanager
def server() -> Iterator[Server | None]:
    binaries = server_binaries()
    if binaries is None:
        print("no PostgreSQL server on this machine")
        yield None
        return
    folder = Path(tempfile.mkdtemp(prefix="tracker-bench-"))
    try:
        running = Server(binaries, folder, options="-c max_wal_size=4GB")
        yield running
        running.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--sizes", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    options.add_argument("--million", action="store_true", help="a million, too")
    options.add_argument("--store", choices=["sqlite", "postgres", "both"], default="both")
    options.add_argument("--profile", action="store_true", help="where the time goes")
    asked = options.parse_args()
    sizes = [*asked.sizes, *[1_000_000] * asked.million]
    print("canonical JSON alone")
    hashing(max(sizes))
    for count in sizes if asked.store != "postgres" else ():
        print(f"{count:,} announcements, SQLite")
        with tempfile.TemporaryDirectory(prefix="tracker-bench-") as folder:
            sqlite(Path(folder), count, profile=asked.profile)
    if asked.store != "sqlite":
        with server() as running:
            for count in sizes if running else ():
                print(f"{count:,} announcements, PostgreSQL")
                assert running
                postgres(running, count, profile=asked.profile)


if __name__ == "__main__":
    main()
