"""A question to a large record from process start: what is read, and how long it takes, beside the floor.

    python benchmarks/cold.py [--sizes 10000 100000] [--rounds 7] [--keep FILE]

The store is an SQLite file with as many announcements of one effect each, on a tenth as many measures. A fresh
process opens the store and decides every track; its floor reads as many bytes from a file.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from desk import announcements

from tracker.model.dataset import Dataset
from tracker.model.registry import Border, Measure, Party, Registry, Subject, Territory
from tracker.services import stores
from tracker.store.event_store import open_store

# As installed: compiled modules are kept, whatever the variable says here.
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
PART = 50_000  # announcements in one transaction
COLUMNS = """
import sys, time
import numpy
from tracker.projections.load import opened
from tracker.timeline.knowledge import EVERYTHING, Known
from tracker.timeline.value_at import winners
at = 1_700_000_000_000_000
begun = time.perf_counter()
with opened(sys.argv[1]) as record:
    known = Known(recorded_by=record.position // 2) if sys.argv[2:] else EVERYTHING
    decided = winners(record.assertions, at, known)
    done = time.perf_counter()
    winners(record.assertions, at, known)
    again = time.perf_counter()
    print(done - begun, again - done, len(record.assertions), int((decided >= 0).sum()))
"""
WHOLE = """
import sys, time
import numpy
from tracker.projections.load import load
begun = time.perf_counter()
record = load(sys.argv[1])
print(time.perf_counter() - begun, len(record.entries))
"""
FLOOR = """
import sys, time
begun = time.perf_counter()
data = open(sys.argv[1], "rb").read()
print(time.perf_counter() - begun, len(data))
"""


def registry(measures: int) -> Registry:
    """So many restrictions by two parties, ten on each border between neighbours of a chain of territories."""
    sides = ("AA", "BB")
    borders = max(1, measures // 10)
    subjects: list[Subject] = [Dataset(name="Benchmark", timezone="+04:00")]
    subjects += [Party.model_validate({"id": side, "name": f"State {side}", "kind": "state"}) for side in sides]
    subjects += [
        Territory(id=f"T{number}", name=f"District {number}", authority=sides[number % 2])
        for number in range(borders + 1)
    ]
    subjects += [
        Border.model_validate(
            {"id": f"T{each}-T{each + 1}", "between": (f"T{each}", f"T{each + 1}"), "modes": ["road"]}
        )
        for each in range(borders)
    ]
    subjects += [
        Measure.model_validate(
            {"id": f"m-{number}", "title": f"Restriction {number}", "authority": sides[number % 2],
             "kind": "restriction", "level": "prohibited",
             "scope": {"at": [f"T{number % borders}-T{number % borders + 1}"]}}
        )
        for number in range(measures)
    ]  # fmt: skip
    return Registry.of(subjects)


def fill(path: Path, size: int) -> None:
    """Put a record of this many announcements into a new store, with its tables."""
    measures = max(1, size // 10)
    begun = time.perf_counter()
    with closing(open_store(str(path))) as store:
        store.load(registry(measures), ())
        for start in range(0, size, PART):
            store.record(list(announcements(start, min(start + PART, size), measures)))
        stored = time.perf_counter()
        stores.refreshed(str(path), store)
    print(f"{size:,} announcements: stored in {stored - begun:.1f} s, tables in {time.perf_counter() - stored:.1f} s")


def printed(code: str, *args: str) -> list[float]:
    done = subprocess.run(
        [sys.executable, "-c", code, *args], check=True, capture_output=True, text=True, env=ENVIRONMENT
    )
    return [float(word) for word in done.stdout.split()]


def rounds(code: str, count: int, *args: str) -> Iterator[list[float]]:
    printed(code, *args)  # warms the disk's cache
    for _ in range(count):
        yield printed(code, *args)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", nargs="+", type=int, default=[10_000, 100_000])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--keep", type=Path, help="a store that is there already, or is to stay")
    asked = parser.parse_args()
    for size in asked.sizes:
        with tempfile.TemporaryDirectory() as folder:
            path = asked.keep or Path(folder) / "record.sqlite"
            if not path.exists():
                fill(path, size)
            measure(path, Path(folder), asked.rounds)


def measure(path: Path, folder: Path, count: int) -> None:
    found = list(rounds(COLUMNS, count, str(path)))
    halfway = list(rounds(COLUMNS, count, str(path), "halfway"))
    whole = list(rounds(WHOLE, count, str(path)))
    floors = {}
    for name, each in {"what is read for it": 5, "all columns": 46}.items():  # bytes an assertion, in this store
        (folder / "same.bytes").write_bytes(b"\0" * int(each * found[0][2]))
        floors[f"floor: as many bytes as {name}, from a file"] = [
            each[0] for each in rounds(FLOOR, count, str(folder / "same.bytes"))
        ]
    print(f"  {found[0][2]:,.0f} assertions, in a fresh process, milliseconds: best, median")
    for name, times in {
        "open the store and decide every track": [each[0] for each in found],
        "decide every track once more": [each[1] for each in found],
        "open the store and decide as of half of the log": [each[0] for each in halfway],
        "load all, as a server does": [each[0] for each in whole],
        **floors,
    }.items():
        print(f"    {name:<64}{min(times) * 1e3:>8.1f}{statistics.median(times) * 1e3:>8.1f}")
    tracker = [sys.executable, "-m", "tracker", "--store", str(path)]
    print("  from process start, seconds: best, median")
    for name, command in {
        "python -c 'import numpy, pydantic, typer'": [sys.executable, "-c", "import numpy, pydantic, typer"],
        "tracker state of one measure": [*tracker, "state", "m-7"],
        "tracker state of one border": [*tracker, "state", "T3-T4"],
    }.items():
        times = []
        for _ in range(count):
            begun = time.perf_counter()
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=ENVIRONMENT)
            times.append(time.perf_counter() - begun)
        print(f"    {name:<64}{min(times):>8.2f}{statistics.median(times):>8.2f}")


if __name__ == "__main__":
    main()
