"""The Oxford tracker's travel controls, imported and folded back: every cell of every published version.

    python benchmarks/oxcgrt.py [FOLDER] [--quiet] [--no-store]

FOLDER holds final_wide.csv, versions.csv and revisions.csv.gz. The statements are made from the files, folded in memory
(events → columns), and then imported into an SQLite store by the command line and folded from there. Each time, for
each version, the table as known at its publication is compared with the answer key, cell by cell, and its SHA-256 with
that of versions.csv; and the last one with final_wide.csv. Exit code 1 if one cell is wrong.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.imports.folding import Folder, answers, digest, final, known_at, log_of

from tracker.imports.oxcgrt import Import
from tracker.imports.oxcgrt_files import names
from tracker.projections.load import load
from tracker.state.fold import fold
from tracker.state.record import Record

DATA = Path(__file__).parents[2] / "shared" / "data" / "oxcgrt"  # beside the repository, if it is there


class Clock:
    """Says how long each step took."""

    def __init__(self) -> None:
        self._begun = time.perf_counter()

    def say(self, what: str) -> float:
        took, self._begun = time.perf_counter() - self._begun, time.perf_counter()
        print(f"{what:<78} {took:8.2f} s", flush=True)
        self._begun = time.perf_counter()
        return took


def verified(record: Record, folder: Path, *, quiet: bool) -> int:
    """Compare every version's table with the answer key.

    Returns: how many cells are wrong; one for a digest that differs.
    """
    countries = sorted(names(folder))
    folded = Folder(record, countries)
    wrong = cells = matching = 0
    for version, key in answers(folder):
        table = folded.table(known_at(version), version.first, version.last)
        bad = int((table != key).sum()) if table.shape == key.shape else table.size + key.size
        same = digest(table, countries, version.first) == version.digest
        wrong, cells, matching = wrong + bad + (not same), cells + key.size, matching + same
        if not quiet or bad or not same:
            print(f"  version {version.number:>3}  {version.at:%Y-%m-%d %H:%M:%S}  {key.size:>7,} cells  "
                  f"{bad} wrong  SHA-256 {'as published' if same else 'DIFFERS'}")  # fmt: skip
    print(f"  {number(record)}; {cells:,} cells of {matching} versions with their SHA-256: {wrong} wrong")
    _, published = final(folder)
    last = int((folded.table(known_at(version), version.first, version.last) != published).sum())
    print(f"  the final table, {published.size:,} cells, as final_wide.csv has it: {last} wrong")
    return wrong + last


def number(record: Record) -> str:
    rows = record.assertions
    size = sum(getattr(rows, name).nbytes for name in ("track", "begins_earliest", "begins_latest", "ends_earliest",
               "ends_latest", "announced_from", "announced_to", "recorded_from", "recorded_to"))  # fmt: skip
    return f"{len(rows):,} assertions on {rows.track_count} tracks, {size / len(rows):.0f} bytes of columns each"


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("folder", nargs="?", type=Path, default=DATA)
    options.add_argument("--quiet", action="store_true")
    options.add_argument("--no-store", action="store_true")
    asked = options.parse_args()
    clock = Clock()
    source = Import(asked.folder)
    said = list(source.statements())
    kinds = Counter(type(one).__name__ for each in said for one in each)
    clock.say(f"{source.rows:,} dated cells → {sum(kinds.values()):,} statements {dict(kinds)}")
    events = list(log_of(source.registry, said))
    clock.say(f"statements → {len(events):,} events")
    record = fold(events)
    clock.say("events → columns")
    wrong = verified(record, asked.folder, quiet=asked.quiet)
    clock.say("verified in memory")
    announced = record.assertions.announced_from.instants
    print(f"  of the assertions, {np.count_nonzero(announced == announced.min()):,} are the first version's")
    if not asked.no_store:
        wrong += in_a_store(asked.folder, clock, quiet=asked.quiet)
    print(f"peak memory of this process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")
    print(f"wrong cells: {wrong}")
    return int(wrong > 0)


def in_a_store(folder: Path, clock: Clock, *, quiet: bool) -> int:
    with tempfile.TemporaryDirectory() as temporary:
        store = str(Path(temporary) / "oxcgrt.sqlite")
        command = [sys.executable, "-m", "tracker", "--store", store, "import", "oxcgrt", str(folder)]
        for again in ("", ", a second time"):
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            clock.say(f"tracker import oxcgrt, into SQLite{again}")
            print("  " + done.stdout.replace("\n", "\n  ").rstrip())
        print(f"  the store has {Path(store).stat().st_size / 2**20:.1f} MiB")
        record = load(store)
        clock.say("read from the store's tables")
        wrong = verified(record, folder, quiet=True if quiet else quiet)
        clock.say("verified from the store")
    return wrong


if __name__ == "__main__":
    sys.exit(main())
