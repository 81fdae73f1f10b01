"""`tracker state` of a border on which many measures bear, from process start, as a table and as JSON.

    python benchmarks/border.py [--measures 10000 100000] [--each 1] [--as-of 2026-06-01] [--rounds 3] [--keep FILE]

Each measure is imposed once, on a day of its own among two thousand. With `--each N`, what is announced of it are N
statements of a desk instead (see desk.py). Seconds are of the processor and of the clock, the best of the rounds; the
last line is the size of the answer.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from desk import DAYS, FIRST, announcements, registry

from tracker.model.announcement import Announcement
from tracker.services import stores
from tracker.store.event_store import open_store

PART = 20_000  # announcements in one transaction


def imposed(start: int, end: int) -> Iterator[Announcement]:
    """By each measure's authority, that it is in force from now on."""
    for number in range(start, end):
        day, side = FIRST + timedelta(number * 7919 % DAYS), "AB"[number % 2] * 2
        effect = {"type": "impose", "measure": f"m-{number}"}
        plain = {"id": f"a-{number:07}", "announced": day.isoformat(), "summary": "words", "by": [{"party": side}]}
        yield Announcement.model_validate({**plain, "effect": [effect]})


def fill(path: Path, measures: int, each: int) -> None:
    """Put a border with so many measures into a new store, with its tables."""
    with closing(open_store(str(path))) as store:
        store.load(registry(measures), [])
        for start in range(0, measures * each, PART):
            end = min(start + PART, measures * each)
            store.record(list(imposed(start, end) if each == 1 else announcements(start, end, measures)))
        stores.refreshed(str(path), store)


def timed(command: list[str], rounds: int) -> tuple[float, float, int]:
    """Seconds of the processor and of the clock in the best round, and the bytes of the answer."""
    spent = []
    for _ in range(rounds):
        before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        answer = subprocess.run(command, check=True, stdout=subprocess.PIPE, env=os.environ).stdout
        after, wall = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter() - begun
        spent.append((after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, wall))
    return min(own for own, _ in spent), min(wall for _, wall in spent), len(answer)


def report(path: Path, measures: int, each: int, as_of: str, rounds: int) -> None:
    if not path.exists():
        fill(path, measures, each)
    print(f"{measures:,} measures, {measures * each:,} announcements, as of {as_of}: processor, clock, answer")
    state = [sys.executable, "-m", "tracker", "--store", str(path), "state", "AA-BB", "--as-of", as_of]
    floor = [sys.executable, "-c", "import numpy, pydantic, typer"]
    for name, command in {"floor: imports": floor, "table": state, "JSON": [*state, "--json"]}.items():
        own, wall, size = timed(command, rounds)
        print(f"  {name:<20}{own:>8.2f} s{wall:>8.2f} s{size / 1e6:>10.1f} MB", flush=True)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--measures", type=int, nargs="+", default=[10_000, 100_000])
    options.add_argument("--each", type=int, default=1)
    options.add_argument("--as-of", default="2026-06-01")
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--keep", type=Path, help="a store that is there already, or is to stay")
    asked = options.parse_args()
    for measures in asked.measures:
        with tempfile.TemporaryDirectory(prefix="tracker-bench-") as folder:
            path = asked.keep or Path(folder) / "border.sqlite"
            report(path, measures, asked.each, asked.as_of, asked.rounds)


if __name__ == "__main__":
    main()
