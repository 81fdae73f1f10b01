"""What a replica is good for: a primary is killed in the middle of writing, and the replica takes its place.

    python benchmarks/failover.py [--seconds 10] [--writers 6] [--readers 2] [--rounds 3] [--writes 500]

For each way to keep a replica up: how many acknowledged calls are lost (none may be, with a synchronous one), whether
what is there verifies against checkpoints from before, how long nobody could write; and how often a read right after a
write misses it on the replica, and how long it has to wait. Both servers are private ones in a temporary folder, with
`fsync` on, stopped and deleted at the end. Stops with the assertion that failed, if one does.
"""

import argparse
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.postgres import server_binaries
from tests.torture.failover import WAYS, failover, waits
from tests.torture.place import processes

OPTIONS = "-c fsync=on -c max_connections=50"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--writers", type=int, default=6)
    parser.add_argument("--readers", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--writes", type=int, default=500)
    given = parser.parse_args()
    binaries = server_binaries()
    if binaries is None:
        raise SystemExit("no PostgreSQL server (pg_ctl) on this machine")
    with tempfile.TemporaryDirectory() as folder, processes() as running:
        for way in WAYS:
            print(waits(binaries, way, rounds=given.writes, options=OPTIONS), flush=True)
        for way in WAYS:
            for number in range(given.rounds):
                here = Path(folder, f"{WAYS.index(way)}-{number}")
                here.mkdir()
                found = failover(
                    binaries, running, here, way,
                    seconds=given.seconds, writers=given.writers, readers=given.readers, options=OPTIONS, seed=number,
                )  # fmt: skip
                print(found, flush=True)


if __name__ == "__main__":
    main()
