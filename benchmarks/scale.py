"""States at scale: processes on this machine, and Spark with two workers of which one is killed in the middle.

    python benchmarks/scale.py [--assertions 10000000] [--parts 32] [--oxcgrt FOLDER] [--no-spark]

Two records: synthetic assertions (benchmarks/synthetic.py), and the Oxford travel controls, imported into a store by
`tracker import` and written by `tracker export` (if shared/data/oxcgrt/ is beside the repository). Each is answered by
the local engine with one process and with all cores, and by Spark's `local-cluster[2,1,1024]`: two worker processes,
each with an executor of its own. As soon as some answers are written, one executor is killed. All must give the same
checksum over every row, and the rows must be those that `winners` gives over the whole in memory.
"""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.dataset
from engines import Clustered, embedded
from synthetic import generate, names, write

from tracker.model.errors import TrackerError
from tracker.projections.load import load
from tracker.scale import local, spark
from tracker.scale.states import StatesQuestion
from tracker.scale.work import Summary, total
from tracker.services.parts import PartsQuestion

ROOT = Path(__file__).parents[1]
OXFORD = ROOT.parent / "shared" / "data" / "oxcgrt"
TRIES = 5
CLUSTER = "local-cluster[2,1,1024]"
LOOPBACK = {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}


def descendants(process: int) -> Iterator[int]:
    """The processes that a process started, and those that they started."""
    for task in Path(f"/proc/{process}/task").glob("*/children"):
        for child in read(task).split():
            yield int(child)
            yield from descendants(int(child))


def read(path: Path) -> bytes:
    """A file of /proc; nothing where the process has ended meanwhile."""
    try:
        return path.read_bytes()
    except OSError:
        return b""


def executors() -> list[int]:
    """Spark's executors that this process has started."""
    started = set(descendants(os.getpid()))
    return sorted(each for each in started if b"CoarseGrainedExecutorBackend" in read(Path(f"/proc/{each}/cmdline")))


class Killer(threading.Thread):
    """Kills one executor as soon as a quarter of the answers is there."""

    def __init__(self, out: Path, parts: int) -> None:
        super().__init__(daemon=True)
        self._out, self._enough = out, max(1, parts // 4)
        self.killed = 0
        self.written = 0
        self.over = threading.Event()

    def run(self) -> None:
        while not self.over.wait(0.02):
            self.written = len(list(self._out.glob("states-*.parquet")))
            running = executors()
            if self.written >= self._enough and running:
                os.kill(running[0], signal.SIGKILL)
                self.killed = running[0]
                return


def answered(name: str, work: Iterator[Summary]) -> Summary:
    begun = time.perf_counter()
    found = total(work)
    took = time.perf_counter() - begun
    counts = f"{found.decided:,} of {found.tracks:,} decided, {found.uncertain:,} uncertain, {found.lapsed:,} lapsed"
    print(f"  {name:<54} {took:8.2f} s   checksum {found.checksum:016x}   {counts}", flush=True)
    return found


def on_spark(asked: PartsQuestion, folder: Path) -> list[Summary]:
    """Once undisturbed, and once with an executor killed in the middle."""
    import pyspark

    os.environ.setdefault("SPARK_HOME", str(Path(pyspark.__file__).parent))  # the workers' programs are found there
    os.environ |= {"SPARK_LOCAL_IP": "127.0.0.1", "SPARK_LOCAL_HOSTNAME": "127.0.0.1"}
    begun = time.perf_counter()
    with spark.session(CLUSTER, LOOPBACK) as session:
        print(f"  {'Spark, start of ' + CLUSTER:<54} {time.perf_counter() - begun:8.2f} s", flush=True)
        found = []
        for round in ("the first time", "again"):
            out = folder / f"spark-{round[:3]}"
            out.mkdir()
            work = spark.answered(session, asked.parts, asked.question, out)
            found.append(answered(f"Spark, 2 workers, {round}", work))
        for attempt in range(TRIES):
            out = folder / f"spark-killed-{attempt}"
            out.mkdir()
            killer = Killer(out, len(asked.parts.files))
            before = executors()
            killer.start()
            work = spark.answered(session, asked.parts, asked.question, out)
            found.append(answered("Spark, 2 workers, one killed in the middle", work))
            killer.over.set()
            killer.join()
            if killer.killed:
                print(f"    executors before {before}; killed {killer.killed} when {killer.written} of "
                      f"{len(asked.parts.files)} answers were written; executors after {executors()}")  # fmt: skip
                return found
            print("    it was over before one could be killed: once more")
    raise SystemExit("no executor was killed: take more assertions or more parts")


def compared(
    title: str, asked: PartsQuestion, truth: dict[str, tuple[str, int]], folder: Path, *, with_spark: bool
) -> None:
    """All engines on one record. Raises: SystemExit where one differs."""
    size = sum(file.stat().st_size for file in asked.parts.files)
    print(f"{title}: {len(asked.parts.files)} parts, {size / 2**20:.1f} MiB")
    cores = os.cpu_count() or 1
    out = folder / "local"
    out.mkdir()
    found = [
        answered("local, 1 process", local.answered(asked.parts, asked.question, None, 1)),
        answered(f"local, {cores} processes", local.answered(asked.parts, asked.question, out, cores)),
    ]
    if with_spark:
        try:
            found += on_spark(asked, folder)
        except TrackerError as reason:
            print(f"  Spark left out: {reason}")
    if len({each.checksum for each in found}) != 1:
        raise SystemExit("the engines differ")
    for each in sorted(folder.iterdir()):
        if decided(each) != truth:
            raise SystemExit(f"{each.name}: the rows are not those of `winners` over the whole")
    print(f"  {found[0].assertions:,} assertions: the same checksum {len(found)} times, and the rows of {len(truth):,} "
          "tracks as `winners` over the whole has them\n")  # fmt: skip


def decided(folder: Path) -> dict[str, tuple[str, int]]:
    """The written answers: of each decided track the announcement and effect."""
    table = pyarrow.dataset.dataset(folder).to_table(["track", "announcement", "effect"]).drop_null()
    columns = (table[name].to_pylist() for name in ("track", "announcement", "effect"))
    return {track: (announcement, effect) for track, announcement, effect in zip(*columns, strict=True)}


def synthetic(count: int, parts: int, folder: Path) -> tuple[PartsQuestion, dict[str, tuple[str, int]]]:
    made = generate(count)
    begun = time.perf_counter()
    write(made, folder / "parts", parts)
    print(f"  written as Parquet in {time.perf_counter() - begun:.1f} s")
    at, known = made.question()
    with embedded.ours(Clustered.of(made)) as ours:
        answer = ours.every(at, known)
    asked = PartsQuestion.of(folder / "parts", "2022-01-01", None, None, date.today())
    rows, tracks = answer[answer >= 0], np.flatnonzero(answer >= 0)
    said = zip(made.announcement[rows].tolist(), made.effect[rows].tolist(), strict=True)
    named = names(made)
    truth = {named[track]: (f"a{one:09}", effect) for track, (one, effect) in zip(tracks.tolist(), said, strict=True)}
    return PartsQuestion(asked.parts, _clocked(asked, StatesQuestion(at, known))), truth


def _clocked(asked: PartsQuestion, question: StatesQuestion) -> Any:
    return asked.clocks._replace(as_of=question.at, known=question.known)


def oxford(source: Path, parts: int, folder: Path) -> tuple[PartsQuestion, dict[str, tuple[str, int]]]:
    """Imported, exported and asked by the commands."""
    store = str(folder / "oxcgrt.sqlite")
    for command in (
        ["import", "oxcgrt", str(source)],
        ["export", "--format", "parquet", "assertions", "--parts", str(parts), str(folder / "parts")],
    ):
        begun = time.perf_counter()
        subprocess.run([sys.executable, "-m", "tracker", "--store", store, *command], check=True, capture_output=True)
        print(f"  tracker {' '.join(command[:2])} … {time.perf_counter() - begun:.1f} s")
    asked = PartsQuestion.of(folder / "parts", "2021-06-30", "2022-12-01", None, date.today())
    view = load(store).at(asked.clocks.known)
    truth = {}
    for row in view.winners(asked.clocks.as_of):
        if row >= 0:
            one = view.row(row)
            truth[one.track] = (one.announcement, one.index)
    return asked, truth


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--assertions", type=int, default=10_000_000)
    options.add_argument("--parts", type=int, default=32)
    options.add_argument("--oxcgrt", type=Path, default=OXFORD, metavar="FOLDER")
    options.add_argument("--no-spark", action="store_true")
    asked = options.parse_args()
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory() as temporary:
        for number, (title, make) in enumerate(
            [
                ("the Oxford travel controls", lambda folder: oxford(asked.oxcgrt, asked.parts, folder)),
                (f"{asked.assertions:,} synthetic", lambda folder: synthetic(asked.assertions, asked.parts, folder)),
            ]
        ):
            if number == 0 and not asked.oxcgrt.is_dir():
                print(f"{title}: left out, {asked.oxcgrt} is not there")
                continue
            data, answers = Path(temporary) / f"{number}", Path(temporary) / f"{number}-answers"
            data.mkdir()
            answers.mkdir()
            question, truth = make(data)
            compared(title, question, truth, answers, with_spark=not asked.no_spark)
            shutil.rmtree(data)


if __name__ == "__main__":
    main()
