"""Small tables of assertions, written as lines or as plain arrays."""

from collections.abc import Sequence

import numpy as np

from tracker.timeline.assertion_table import Assertions, Pooled
from tracker.timeline.columns import TIMES, Columns, IntArray, Ranked, in_order, offsets_of

LIFT, IMPOSE = "lift{}", "impose{}"


def said(*rows: str) -> Assertions:
    """Assertions of lines that name a track, an announcement, the instant at which it was made, and an effect."""
    told = [row.split() for row in rows]
    instants = [int(each[2]) for each in told]
    times = {"order": instants, **{name: [at + number for at in instants] for number, name in enumerate(TIMES)}}
    return Assertions.of_columns(
        pooled([each[0] for each in told]),
        pooled([each[1] for each in told]),
        {name: Ranked.of(np.array(column, dtype=np.int64)) for name, column in times.items()},
        np.array([int(each[3]) if len(each) > 3 else 0 for each in told], dtype=np.int64),
        np.array([int(each[4]) if len(each) > 4 else 0 for each in told], dtype=np.int64),
        pooled([LIFT if each[1].startswith("lift") else IMPOSE for each in told]),
        pooled([f"confirmed {each[1][-1]}" for each in told]),
    )


def pooled(names: Sequence[str]) -> Pooled:
    """A column of these names."""
    number = {name: each for each, name in enumerate(dict.fromkeys(names))}
    return Pooled(tuple(number), np.array([number[name] for name in names], dtype=np.int64))


def columns_of(track_count: int, track: IntArray, order: IntArray, **times: IntArray) -> Columns:
    """Columns of plain arrays, one number an assertion, in any order. Args: times: the eight of `TIMES`."""
    place = in_order(track, (order,))
    return Columns(offsets_of(track, track_count), **{name: Ranked.of(times[name][place]) for name in TIMES})


def told(found: Assertions) -> list[str]:
    """The lines of a table, in the order of the columns."""
    return [
        f"{found.tracks[found.track[row]]} {found.announcements[found.announcement[row]]} {found.order[row]}"
        for row in range(len(found))
    ]
