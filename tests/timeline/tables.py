"""Small tables of assertions, written as lines."""

import numpy as np

from tracker.timeline.assertion_table import Assertions, Pooled
from tracker.timeline.columns import TIMES, Ranked

LIFT, IMPOSE = "lift{}", "impose{}"


def said(*rows: str) -> Assertions:
    """Assertions of lines that name a track, an announcement, the instant at which it was made, and an effect."""
    told = [row.split() for row in rows]
    instants = [int(each[2]) for each in told]
    times = {"order": instants, **{name: [at + number for at in instants] for number, name in enumerate(TIMES)}}
    return Assertions.of_columns(
        Pooled.of([each[0] for each in told]),
        Pooled.of([each[1] for each in told]),
        {name: Ranked.of(np.array(column, dtype=np.int64)) for name, column in times.items()},
        np.array([int(each[3]) if len(each) > 3 else 0 for each in told], dtype=np.int64),
        np.array([int(each[4]) if len(each) > 4 else 0 for each in told], dtype=np.int64),
        Pooled.of([LIFT if each[1].startswith("lift") else IMPOSE for each in told]),
        Pooled.of([f"confirmed {each[1][-1]}" for each in told]),
    )


def told(found: Assertions) -> list[str]:
    """Those lines again, in the order of the columns."""
    return [
        f"{found.tracks[found.track[row]]} {found.announcements[found.announcement[row]]} {found.order[row]}"
        for row in range(len(found))
    ]
