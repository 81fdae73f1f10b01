"""What becomes of the record when processes are killed, disks fill, connections break and clocks jump.

    python benchmarks/torture.py [--rounds 300] [--store sqlite|postgresql|both] [--only NAME …]

Prints the figures of each; stops with the assertion that failed, if one does. PostgreSQL is a private server in a
temporary folder, stopped and deleted at the end. As root it mounts small file systems in memory to fill them.
"""

import argparse
import itertools
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.postgres import Server, _binaries, _unprivileged
from tests.torture import clocks, crowd, cuts, disks, kills
from tests.torture.place import Figures, Place, processes

Scenario = Callable[[Place, int], Figures]

SCENARIOS: dict[str, Scenario] = {
    "recorder": kills.recorder,
    "loader": kills.loader,
    "refresher": kills.refresher,
    "crowd": lambda place, rounds: crowd.crowd(place, max(rounds // 6, 2)),
    "full": lambda place, _: disks.full(place),
    "read-only": lambda place, _: disks.read_only(place),
    "cut": cuts.cuts,
    "clock": clocks.jumps,
}
ONLY_POSTGRESQL, ROOT_ONLY = {"cut"}, {"read-only"}


@contextmanager
def server() -> Iterator[Server]:
    binaries = _binaries()
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
def places(store: str) -> Iterator[list[Place]]:
    folder = Path(tempfile.mkdtemp(prefix="tracker-torture-"))
    numbers = itertools.count()
    try:
        with processes() as running:
            found = []
            if store != "postgresql":
                found.append(
                    Place("sqlite", lambda: f"sqlite:///{folder}/store{next(numbers)}.sqlite", folder, running)
                )
            if store == "sqlite":
                yield found
                return
            with server() as postgres:
                found.append(Place("postgresql", postgres.new_database, folder, running, _unprivileged() or "postgres"))
                yield found
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=300)
    parser.add_argument("--store", choices=("sqlite", "postgresql", "both"), default="both")
    parser.add_argument("--only", nargs="+", choices=tuple(SCENARIOS), default=list(SCENARIOS))
    given = parser.parse_args()
    with places(given.store) as found:
        for name in given.only:
            for place in found:
                if name in ONLY_POSTGRESQL and place.kind == "sqlite":
                    continue
                if name in ROOT_ONLY and not disks.can_mount():
                    print(f"{name}, {place.kind}: not done, for want of the right to mount")
                    continue
                begun = time.monotonic()
                print(f"{SCENARIOS[name](place, given.rounds)} ({time.monotonic() - begun:.0f} s)", flush=True)


if __name__ == "__main__":
    main()
