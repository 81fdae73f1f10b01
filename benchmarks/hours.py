"""A lane on which a thousand measures with hours bear: its state and its history, beside a floor.

    python benchmarks/hours.py [--measures 1000] [--rounds 5]

The floor is what no program can leave out: one look at each expression at the instant asked about. State and history
are what the command line and the API ask, of a record in memory of which nothing was asked before.
"""

import argparse
import gc
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from opening_hours import OpeningHours  # type: ignore[attr-defined]

from tracker.model.announcement import Announcement
from tracker.model.dataset import Dataset
from tracker.model.dates import instant
from tracker.model.events import Recorded, recorded, registered
from tracker.model.registry import Border, Measure, Party, Subject, Territory
from tracker.model.scope import Scope
from tracker.model.vocabulary import MeasureKind, MeasureLevel, Mode, PartyKind, Traffic
from tracker.queries.clocks import Clocks
from tracker.queries.history import history
from tracker.queries.selection import Selection
from tracker.queries.state import state
from tracker.state.fold import fold
from tracker.state.record import Record

STORED = datetime(2040, 1, 1, tzinfo=UTC)
ASKED = datetime(2031, 6, 2, 2, 30, tzinfo=UTC)


def world(measures: int, *, timed: bool = True) -> Record:
    """A border with measures of which each is in force at hours of its own."""
    subjects: list[Subject] = [Dataset(name="Two lands", timezone="+00:00")]
    for name in ("XA", "XB"):
        subjects += [
            Party(id=name, name=name, kind=PartyKind.STATE),
            Territory(id=name, name=name, authority=name),
        ]
    subjects.append(Border(id="XA-XB", between=("XA", "XB"), modes=(Mode.ROAD,), normally="open"))
    said = []
    for number in range(measures):
        subjects.append(
            Measure(
                id=f"m{number}",
                title="Nights",
                authority="XA",
                kind=MeasureKind.RESTRICTION,
                level=MeasureLevel.PROHIBITED,
                scope=Scope(at=("XA-XB",)),
            )
        )
        hours = f"{number % 24:02}:{number * 7 % 60:02}-{(number + 5) % 24:02}:{number * 11 % 60:02}"
        effect = {"type": "impose", "measure": f"m{number}", "when": hours if timed else None}
        day = f"2031-{number % 5 + 1:02}-{number % 28 + 1:02}"
        plain = {"id": f"a{number}", "announced": day, "summary": "words", "by": [{"party": "XA"}], "effect": [effect]}
        said.append(Announcement.model_validate(plain))
    events = [*(registered(one, STORED) for one in subjects), *(recorded(one, STORED) for one in said)]
    return fold([Recorded(position, event) for position, event in enumerate(events, start=1)])


def best(record: Record, work: Callable[[Record], object], rounds: int) -> float:
    """Milliseconds of the processor in the best round."""
    spent = []
    for _ in range(rounds):
        fresh = replace(record)
        gc.collect()
        begin = time.process_time()
        work(fresh)
        spent.append(time.process_time() - begin)
    return min(spent) * 1000


def main() -> None:
    gc.set_threshold(100_000, 20, 20)  # as the program itself does
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--measures", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    record = world(args.measures)
    texts, local = [*record.expressions.values()], ASKED.replace(tzinfo=None)
    clocks = Clocks(instant(ASKED), as_of_text=ASKED.isoformat())
    lane = Selection(("XA-XB",), traffic=Traffic.GOODS, direction="XA>XB")
    works: dict[str, Callable[[Record], object]] = {
        "floor": lambda _: [OpeningHours(text).is_open(local) for text in texts],
        "state at an instant": lambda fresh: state(fresh, clocks, lane),
        "history": lambda fresh: history(fresh, clocks, lane),
    }
    print(f"{args.measures} measures with {len(texts)} different hours on one lane")
    for name, work in works.items():
        print(f"{name:30} {best(record, work, args.rounds):8.1f} ms")
    plain = world(args.measures, timed=False)
    for name in ("state at an instant", "history"):
        print(f"{name + ', no hours':30} {best(plain, works[name], args.rounds):8.1f} ms")


if __name__ == "__main__":
    main()
