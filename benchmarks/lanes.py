"""The status of every lane as of a date: all at once, beside a floor and beside one lane after another.

    python benchmarks/lanes.py [--lanes 1000 10000] [--measures 10000 100000] [--rounds 30]

The floor is what no program can leave out: the rule of time over the assertions on these lanes, and one look-up for
each measure that bears on a place of a lane. One after another is `LaneHistory`, on a sample, new for each date as a
cold question finds it; its time for all lanes is extrapolated. Every status of the sample is compared.
"""

import argparse
import gc
import random
import resource
import statistics
import time
from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np
from world import DAYS, FIRST, world

from tracker.model.dates import DAY, Instant
from tracker.state.contributions import STATUSES
from tracker.state.lane_history import LaneHistory
from tracker.state.lanes import Lane
from tracker.state.matrix import LaneMatrix
from tracker.state.record import Record, View
from tracker.timeline.knowledge import EVERYTHING
from tracker.timeline.value_at import winners

DATES: Sequence[Instant] = [FIRST + DAYS * tenth // 10 * DAY + DAY // 2 for tenth in (1, 4, 7, 10)]
SAMPLE = 40


def timed(work: Callable[[Instant], object], rounds: int) -> tuple[float, float]:
    """Best and median in milliseconds over rounds of all dates, after one round to warm up."""
    found = []
    for number in range(rounds + 1):
        for at in DATES:
            begin = time.perf_counter()
            work(at)
            if number:
                found.append((time.perf_counter() - begin) * 1000)
    return min(found), statistics.median(found)


def compiled(view: View, lanes: Sequence[Lane]) -> tuple[LaneMatrix, float, float]:
    """The matrix after a first question, and the seconds that both took: on the clock, and of the processor."""
    gc.collect()
    clock, processor = time.perf_counter(), time.process_time()
    matrix = LaneMatrix(view, lanes)
    matrix.statuses(DATES[0])
    return matrix, time.perf_counter() - clock, time.process_time() - processor


def one_by_one(record: Record, lanes: Sequence[Lane], matrix: LaneMatrix) -> tuple[float, int]:
    """Milliseconds a lane for `LaneHistory`, and how many of the compared statuses differ."""
    sample = random.Random(1).sample(range(len(lanes)), min(SAMPLE, len(lanes)))
    differ, spent = 0, 0.0
    for at in DATES:
        at_once = matrix.statuses(at)
        view = View(record, EVERYTHING)
        assert all((view.passed, view.readiness_at, view.measures_at))  # what all lanes share is not counted
        for number in sample:
            begin = time.perf_counter()
            history = LaneHistory(view, lanes[number])
            status = history.status(history.number(at))
            spent += time.perf_counter() - begin
            differ += STATUSES[at_once[number]] is not status
    return spent * 1000 / (len(sample) * len(DATES)), differ


def report(lane_count: int, measure_count: int, rounds: int) -> None:
    begin = time.perf_counter()
    record, lanes = world(lane_count, measure_count)
    view = record.view
    made = time.perf_counter() - begin
    matrix, seconds, processor = compiled(view, lanes)
    of = matrix.layout
    print(
        f"\n{len(lanes)} lanes, {measure_count} measures, {len(record.assertions)} assertions "
        f"(made in {made:.1f} s): {len(of.claim_track)} times a measure bears on a place of a lane "
        f"({len(of.claim_track) / len(lanes):.0f} a lane)"
    )
    took = f"{seconds:.2f} s, {processor:.2f} s of the processor"
    print(f"  compiled, and asked for the first of four dates, in {took}; arrays of {of.nbytes / 1e6:.1f} MB")

    def floor(at: Instant) -> object:
        return winners(of.columns, at, EVERYTHING)[of.claim_track]

    rows = {"floor: the rule of time, one look-up a claim": timed(floor, rounds),
            "verdicts": timed(matrix.verdicts, rounds), "statuses": timed(matrix.statuses, rounds)}  # fmt: skip
    for name, (best, median) in rows.items():
        print(f"  {name:46} {best:9.2f} ms best {median:9.2f} median")
    each, differ = one_by_one(record, lanes, matrix)
    whole = each * len(lanes)
    print(f"  one lane after another (a sample, extrapolated) {whole:7.0f} ms: {whole / rows['statuses'][1]:.0f} times")
    tally = Counter(STATUSES[code].value for at in DATES for code in matrix.statuses(at))
    print(f"  statuses seen: {dict(tally.most_common())}")
    print(f"  {differ} of {min(SAMPLE, len(lanes)) * len(DATES)} compared statuses differ")
    assert differ == 0, "the matrix and single lanes disagree"


def main() -> None:
    gc.set_threshold(100_000, 20, 20)  # as the program itself does
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lanes", type=int, nargs="+", default=[1_000, 10_000])
    parser.add_argument("--measures", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--rounds", type=int, default=30)
    given = parser.parse_args()
    for measure_count in given.measures:
        for lane_count in given.lanes:
            report(lane_count, measure_count, given.rounds)
    print(
        f"\nnumpy {np.__version__}; at most {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB in all"
    )


if __name__ == "__main__":
    main()
