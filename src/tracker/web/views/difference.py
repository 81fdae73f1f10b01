"""What differs between two dates, or between two states of knowledge."""

from collections.abc import Mapping
from dataclasses import dataclass

from tracker.presentation.lane_groups import group_differences, label
from tracker.queries.change_answers import Difference
from tracker.queries.clocks import Clocks
from tracker.queries.diff import diff
from tracker.queries.selection import Selection
from tracker.web.context import Look
from tracker.web.timeline import Timeline


@dataclass(frozen=True)
class Moved:
    """Lanes of a subject that moved alike."""

    subject: str
    name: str
    kind: str
    lanes: str
    difference: Difference


@dataclass(frozen=True)
class DifferencePage:
    """What the page's template needs."""

    asked: bool
    before: Clocks | None
    after: Clocks
    moved: list[Moved]
    words: Mapping[str, str]


NAMES = ("before_as_of", "before_announced_by", "before_recorded_by", "as_of", "announced_by", "recorded_by")


def difference_page(
    look: Look, earlier: Timeline | None, before: Clocks | None, asked: Mapping[str, str]
) -> DifferencePage:
    """The differences, a row for lanes that moved alike.

    Raises: BadRequest.
    """
    words = {name: asked.get(name, "").strip() for name in NAMES}
    if before is None or earlier is None:
        return DifferencePage(False, None, look.clocks, [], words)
    subjects = _suspects(earlier, before, look.timeline, look.clocks)
    found = diff(look.tracker.record, before, look.clocks, Selection(subjects=subjects)).differences if subjects else ()
    moved = [
        Moved(group[0].subject, group[0].name, group[0].kind.value, label(group), group[0])
        for group in group_differences(found)
    ]
    return DifferencePage(True, before, look.clocks, moved, words)


def _suspects(earlier: Timeline, before: Clocks, later: Timeline, after: Clocks) -> tuple[str, ...]:
    """The subjects whose statuses differ: only those are asked for their reasons."""
    return tuple(
        key
        for key, tracks in later.tracks.items()
        if [each.status(after.as_of) for each in tracks]
        != [each.status(before.as_of) for each in earlier.tracks.get(key, ())]
    )
