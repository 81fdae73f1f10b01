"""The difference between two dates, or between two states of knowledge."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tracker.presentation.lane_groups import group_differences, label
from tracker.queries.change_answers import Difference
from tracker.queries.clocks import Clocks
from tracker.queries.diff import diff
from tracker.queries.selection import Selection
from tracker.web.context import PageContext, Website
from tracker.web.timeline import Timeline

FIELDS = ("before_as_of", "before_announced_by", "before_recorded_by", "as_of", "announced_by", "recorded_by")


@dataclass(frozen=True)
class DifferenceRow:
    """Lanes of a subject that changed alike."""

    subject: str
    name: str
    kind: str
    lanes: str
    difference: Difference
    announcements: tuple[str, ...]  # that made it


@dataclass(frozen=True)
class DifferencePage:
    """The variables of the page's template."""

    before: Clocks | None  # None: no earlier date is given
    after: Clocks
    rows: list[DifferenceRow]
    fields: Mapping[str, str]


def difference_page(site: Website, context: PageContext, query: Mapping[str, str]) -> DifferencePage:
    """The differences between the clocks of a query, in one row for lanes that changed alike.

    Raises: BadRequest.
    """
    fields = {name: query.get(name, "").strip() for name in FIELDS}
    after = context.clocks
    if not any(query.get(name) for name in FIELDS[:3]):
        return DifferencePage(None, after, [], fields)
    as_of, announced_by, recorded_by = (query.get(name) or None for name in FIELDS[:3])
    before = context.tracker.clocks(as_of or after.as_of_text, announced_by, recorded_by)
    subjects = _changed_subjects(site.timeline(context.tracker, before), before, context.timeline, after)
    selection = Selection(subjects=subjects)
    differences = diff(context.tracker.record, before, after, selection).differences if subjects else ()
    rows = [
        DifferenceRow(group[0].subject, group[0].name, group[0].kind.value, label(group), group[0], _made(group))
        for group in group_differences(differences)
    ]
    return DifferencePage(before, after, rows, fields)


def _made(group: Sequence[Difference]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(key for difference in group for key in difference.announcements))


def _changed_subjects(earlier: Timeline, before: Clocks, later: Timeline, after: Clocks) -> tuple[str, ...]:
    """The subjects that differ: the reasons are computed for these alone."""
    return tuple(
        key
        for key, tracks in later.tracks.items()
        if [track.shown(after.as_of) for track in tracks]
        != [track.shown(before.as_of) for track in earlier.tracks.get(key, ())]
    )
