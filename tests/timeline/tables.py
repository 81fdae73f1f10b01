"""Small tables of assertions, written as lines."""

from tracker.timeline.columns import TIMES
from tracker.timeline.table import Assertions

LIFT, IMPOSE = "lift{}", "impose{}"


def said(*rows: str) -> Assertions:
    """Assertions of lines that name a track, an announcement, the instant at which it was made, and an effect."""
    told = [row.split() for row in rows]
    instants = [int(each[2]) for each in told]
    return Assertions.of_columns(
        [each[0] for each in told],
        [each[1] for each in told],
        {"order": instants, **{name: [at + number for at in instants] for number, name in enumerate(TIMES)}},
        [int(each[3]) if len(each) > 3 else 0 for each in told],
        [int(each[4]) if len(each) > 4 else 0 for each in told],
        [LIFT if each[1].startswith("lift") else IMPOSE for each in told],
        [f"confirmed {each[1][-1]}" for each in told],
    )


def told(found: Assertions) -> list[str]:
    """Those lines again, in the order of the columns."""
    return [
        f"{found.tracks[found.track[row]]} {found.announcements[found.announcement[row]]} {found.order[row]}"
        for row in range(len(found))
    ]
