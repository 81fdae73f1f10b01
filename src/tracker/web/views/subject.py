"""The page of a subject: its timelines, every change, every announcement about it, its entry in the registry."""

from dataclasses import dataclass

from tracker.model.dates import BEGINNING
from tracker.queries.history import StatusChange, by_status
from tracker.queries.selection import Stateful, find
from tracker.queries.statement_answers import AnnouncementAnswer
from tracker.web.context import PageContext
from tracker.web.timeline import Timeline
from tracker.web.views.facts import facts
from tracker.web.views.lanes import LaneGroup, lane_rows


@dataclass(frozen=True)
class SubjectChange:
    """A change of some lanes of the subject."""

    label: str
    turn: StatusChange
    later: bool  # than the date asked about


@dataclass(frozen=True)
class SubjectPage:
    """The variables of the page's template."""

    subject: Stateful
    facts: list[tuple[str, str]]  # names and values in the registry
    group: LaneGroup
    changes: list[SubjectChange]
    status_only: bool  # of the changes, those that leave the status as it is are left out
    announcements: list[AnnouncementAnswer]


def subject_page(context: PageContext, name: str, *, status_only: bool = False) -> SubjectPage:
    """The page of a subject, by its id or a name.

    Raises: UnknownSubject.
    """
    timeline = context.timeline
    subject = find(timeline.view.registry, name)
    rows = tuple(lane_rows(context.statuses, subject.id, None))
    fold = by_status if status_only else list[StatusChange]
    changes = [
        SubjectChange(row.label, turn, turn.at > context.clocks.as_of)
        for row in rows
        for turn in fold(row.track.turns)
        if turn.at > BEGINNING
    ]
    return SubjectPage(
        subject=subject,
        facts=_facts(timeline, subject),
        group=LaneGroup(subject.id, subject.type.value, timeline.name(subject.id), rows),
        changes=sorted(changes, key=lambda change: -change.turn.at),
        status_only=status_only,
        announcements=[answer for answer in reversed(timeline.announcements) if subject.id in answer.about],
    )


def _facts(timeline: Timeline, subject: Stateful) -> list[tuple[str, str]]:
    entry = subject.model_dump(mode="json", exclude_none=True, exclude={"type", "name", "title", "note", "scope"})
    return facts(timeline, entry)
