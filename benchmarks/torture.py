"""What becomes of the record when processes are killed, disks fill, connections break and clocks jump.

    python benchmarks/torture.py [--rounds 300] [--store sqlite|postgresql|both] [--only NAME …]

Prints the figures of each; stops with the assertion that failed, if one does. Both databases are tortured at the same
time, each by processes of its own. PostgreSQL is a private server in a
temporary folder, stopped and deleted at the end. As root it mounts small file systems in memory to fill them.
"""

import argparse
import itertools
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.postgres import Server, server_binaries, unprivileged_user
from tests.torture import clocks, crowd, cuts, disks, kills
from tests.torture.place import Figures, Place, processes

Scenario = Callable[[Place, int], Figures]

SCENARIOS: dict[str, Scenario] = {
    "recorder": kills.recorder,
    "loader": kills.loader,
    "refresher": kills.refresher,
    "crowd": lambda place, rounds: crowd.crowd(place, max(rounds // 10, 2)),
    "full": lambda place, _: disks.full(place),
    "read-only": lambda place, _: disks.read_only(place),
    "cut": cuts.cuts,
    "clock": clocks.jumps,
}
STORES = ("sqlite", "postgresql")
ONLY_POSTGRESQL, ROOT_ONLY = {"cut"}, {"read-only"}


@contextmanager
def server() -> Iterator[Server]:
    binaries = server_binaries()
    if binaries is None:
        raise SystemExit("no PostgreSQL server (pg_ctl) on this machine: ask for --store sqlite")
    folder = Path(tempfile.mkdtemp(prefix="tracker-torture-"))
    try:
        running = Server(binaries, folder)
        try:
            yield running
        finally:
            running.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def place_of(store: str) -> Iterator[Place]:
    folder = Path(tempfile.mkdtemp(prefix="tracker-torture-"))
    numbers = itertools.count()
    try:
        with processes() as running:
            if store == "sqlite":
                found = Place("sqlite", lambda: f"sqlite:///{folder}/store{next(numbers)}.sqlite", folder, running)
                running.warm(found.new_url())
                yield found
                return
            with server() as postgres:
                running.warm(postgres.new_database())
                yield Place("postgresql", postgres.new_database, folder, running, unprivileged_user() or "postgres")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def torture(store: str, rounds: int, names: Sequence[str]) -> None:
    with place_of(store) as place:
        for name in names:
            if name in ONLY_POSTGRESQL and store == "sqlite":
                continue
            if name in ROOT_ONLY and not disks.can_mount():
                print(f"{name}, {place.kind}: not done, for want of the right to mount", flush=True)
                continue
            begun = time.monotonic()
            print(f"{SCENARIOS[name](place, rounds)} ({time.monotonic() - begun:.0f} s)", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=300)
    parser.add_argument("--store", choices=(*STORES, "both"), default="both")
    parser.add_argument("--only", nargs="+", choices=tuple(SCENARIOS), default=list(SCENARIOS))
    given = parser.parse_args()
    if given.store != "both":
        torture(given.store, given.rounds, given.only)
        return
    command = [sys.executable, __file__, "--rounds", str(given.rounds), "--only", *given.only, "--store"]
    both = [subprocess.Popen([*command, store]) for store in STORES]
    sys.exit(max(abs(each.wait()) for each in both))


if __name__ == "__main__":
    main()
