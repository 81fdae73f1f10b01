"""The status of every lane at all instants: by the sweep, beside a floor and beside one lane after another.

    python benchmarks/lanes.py [--lanes 1000 10000] [--measures 10000 100000] [--rounds 3]

The floor is what no program can leave out: every change on every track, and one look at each change that a measure
brings to a place of a lane, sorted in time. One after another is `LaneHistory` on a sample, with a new view as a cold
question finds it; its time for all lanes is extrapolated. Every status of the sample is compared.
"""

import argparse
import gc
import random
import resource
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np
from world import world

from tracker.state.lane_history import LaneHistory
from tracker.state.lanes import Lane
from tracker.state.record import Record, View
from tracker.state.status import STATUSES
from tracker.state.sweep import Sweep
from tracker.state.tally import Runs
from tracker.timeline.knowledge import EVERYTHING
from tracker.timeline.track_history import turns

SAMPLE = 40
T = TypeVar("T")


def best(work: Callable[[], T], rounds: int) -> tuple[float, T]:
    """Seconds of the processor in the best round, and the last result."""
    seconds = []
    for _ in range(rounds):
        gc.collect()
        begin = time.process_time()
        result = work()
        seconds.append(time.process_time() - begin)
    return min(seconds), result


def new_view(record: Record) -> View:
    """A view of which no lane was asked; the tables that all lanes share are made."""
    view = View(record, EVERYTHING, record.view.assertions)
    assert all((view.passed, view.readiness_at, view.registry.measures_at))
    return view


def sweep_all(record: Record, lanes: Sequence[Lane]) -> list[Runs]:
    sweep = Sweep(new_view(record))
    return [sweep.lane(lane).runs for lane in lanes]


def floor(record: Record, lanes: Sequence[Lane]) -> Callable[[], object]:
    """The work that is left once it is known which tracks bear on which lane."""
    tracks = [np.array(LaneHistory(record.view, lane).tracks, dtype=np.int64) for lane in lanes]

    def work() -> object:
        changes = turns(record.assertions)
        return [np.sort(changes.instant[changes.of_tracks(numbers)[0]]) for numbers in tracks]

    return work


def one_by_one(record: Record, lanes: Sequence[Lane], runs: Sequence[Runs]) -> tuple[float, int, int]:
    """Seconds a lane for `LaneHistory`, and how many statuses were compared and differ."""
    sample = random.Random(1).sample(range(len(lanes)), min(SAMPLE, len(lanes)))
    view = new_view(record)
    begin = time.process_time()
    histories = [LaneHistory(view, lanes[number]) for number in sample]
    statuses = [[history.status(number) for number in range(len(history.points))] for history in histories]
    spent = time.process_time() - begin
    compared = differ = 0
    for number, history, expected in zip(sample, histories, statuses, strict=True):
        codes = runs[number].at(np.array(history.points, dtype=np.int64)).status
        compared += len(codes)
        differ += sum(STATUSES[code] is not status for code, status in zip(codes, expected, strict=True))
    return spent / len(sample), compared, differ


def report(lane_count: int, measure_count: int, rounds: int) -> None:
    record, lanes = world(lane_count, measure_count)
    print(f"\n{len(lanes)} lanes, {measure_count} measures, {len(record.assertions)} assertions")
    least, changes = best(floor(record, lanes), rounds)
    seconds, runs = best(lambda: sweep_all(record, lanes), rounds)
    each, compared, differ = one_by_one(record, lanes, runs)
    assert isinstance(changes, list)
    changed, statuses = sum(map(len, changes)), Counter(STATUSES[code].value for one in runs for code in one.status)
    print(f"  floor: {changed} changes of tracks, sorted lane by lane {least:9.2f} s")
    print(f"  sweep: {statuses.total()} statuses of lanes {seconds:9.2f} s, {seconds / len(lanes) * 1e3:.2f} ms a lane")
    print(f"  one lane after another, extrapolated {each * len(lanes):9.2f} s, {each * 1e3:.2f} ms a lane")
    print(f"  statuses: {dict(statuses.most_common())}")
    print(f"  {differ} of {compared} compared statuses differ")
    assert differ == 0, "the sweep and single lanes disagree"


def main() -> None:
    gc.set_threshold(100_000, 20, 20)  # as the program itself does
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lanes", type=int, nargs="+", default=[1_000, 10_000])
    parser.add_argument("--measures", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    for measure_count in given.measures:
        for lane_count in given.lanes:
            report(lane_count, measure_count, given.rounds)
    print(
        f"\nnumpy {np.__version__}; at most {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB in all"
    )


if __name__ == "__main__":
    main()
