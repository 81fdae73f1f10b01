"""How long it takes to derive what the SQL views show: all of it, and what one more announcement changes.

    python benchmarks/views.py [--sizes 10000 100000] [--million] [--store sqlite|postgres|both] [--borders] [--profile]

A tenth of the events register measures, all of them on one border: four lanes on which every measure bears. With
`--borders`, ten measures stand on each border of a chain. Peak memory is that of a process that does nothing else.
"""

import argparse
import cProfile
import multiprocessing
import pstats
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import cold
from append import server
from desk import announcements, registry

from tracker.projections.refresh import refresh
from tracker.projections.sql_views.refresh import derive
from tracker.projections.sql_views.tables import StagingTables
from tracker.store.event_store import open_store

PART = 20_000
MORE = 5


def filled(url: str, count: int, *, borders: bool) -> int:
    """Returns: how many measures there are."""
    measures = count // 10
    with closing(open_store(url)) as store:
        store.load((cold.registry if borders else registry)(measures), [])
        for start in range(0, count - measures, PART):
            store.record(list(announcements(start, min(start + PART, count - measures), measures)))
        refresh(url, store)
    return measures


def timed(name: str, work: Callable[[], object]) -> None:
    begun = time.perf_counter()
    work()
    print(f"  {name:<48}{time.perf_counter() - begun:>9.2f} s", flush=True)


def everything(url: str, profile: bool) -> None:
    fill = StagingTables.fill
    StagingTables.fill = lambda stage: timed("of which others wait", lambda: fill(stage))  # type: ignore[method-assign]
    profiler = cProfile.Profile()
    work = lambda: profiler.runcall(derive, url, full=True) if profile else derive(url, full=True)  # noqa: E731
    timed("all, derived anew", work)
    if profile:
        pstats.Stats(profiler).sort_stats("tottime").print_stats(20)
    print(f"  peak memory {_most() / 1024:,.0f} MB", flush=True)


def _most() -> int:
    """KiB; what getrusage says counts the process that started this one, too."""
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(status["VmHWM"].split()[0])


def one_more(url: str, count: int, measures: int) -> None:
    with closing(open_store(url)) as store:
        for number in range(10 * count, 10 * count + MORE):
            store.record(list(announcements(number, number + 1, measures)))
            refresh(url, store)
            timed("one more announcement", lambda: derive(url))


def measure(url: str, count: int, *, borders: bool, profile: bool) -> None:
    measures = filled(url, count, borders=borders)
    alone = multiprocessing.get_context("spawn")
    for work, args in ((everything, (url, profile)), (one_more, (url, count, measures))):
        process = alone.Process(target=work, args=args)
        process.start()
        process.join()


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000])
    options.add_argument("--million", action="store_true", help="a million, too")
    options.add_argument("--store", choices=["sqlite", "postgres", "both"], default="both")
    options.add_argument("--borders", action="store_true")
    options.add_argument("--profile", action="store_true")
    asked = options.parse_args()
    sizes = [*asked.sizes, *[1_000_000] * asked.million]
    for size in sizes if asked.store != "postgres" else ():
        print(f"{size:,} events, SQLite")
        with tempfile.TemporaryDirectory(prefix="tracker-bench-") as folder:
            measure(f"{folder}/store.sqlite", size, borders=asked.borders, profile=asked.profile)
    if asked.store != "sqlite":
        with server() as running:
            for size in sizes if running else ():
                print(f"{size:,} events, PostgreSQL")
                assert running
                measure(running.new_database(), size, borders=asked.borders, profile=asked.profile)


if __name__ == "__main__":
    main()
