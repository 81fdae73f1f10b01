"""The page of a subject: its timelines, every change, every announcement about it, its entry in the registry."""

from collections.abc import Iterator
from dataclasses import dataclass

from tracker.model.dates import BEGINNING
from tracker.model.registry import Border, Corridor, Crossing, Measure
from tracker.queries.existence import exists_answer, exists_text
from tracker.queries.history import StatusChange, by_status
from tracker.queries.reasons import party_name
from tracker.queries.selection import Stateful, find
from tracker.queries.statement_answers import AnnouncementAnswer
from tracker.queries.subjects import ChargeAnswer, MemberAnswer, charge_answers, member_answers
from tracker.web.context import PageContext
from tracker.web.timeline import Timeline
from tracker.web.views.facts import facts
from tracker.web.views.lanes import LaneGroup, lane_rows

SHOWN_ELSEWHERE = {"type", "name", "title", "note", "scope", "starts", "last_day", "succeeds", "authorities"}


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
    entry = subject.model_dump(mode="json", exclude_none=True, exclude=SHOWN_ELSEWHERE)
    if not entry.get("inside"):  # it is of measures of blocs alone
        entry.pop("inside", None)
    return [*facts(timeline, entry), *_dates(timeline, subject)]


def _dates(timeline: Timeline, subject: Stateful) -> Iterator[tuple[str, str]]:
    """When the subject exists, who is in charge of it at which time, and of a bloc's measure the members."""
    view = timeline.view
    if isinstance(subject, Border | Crossing | Corridor):
        exists = exists_answer(view, subject)
        if exists is not None:
            yield "exists", exists_text(exists).removeprefix("exists ")
    if isinstance(subject, Border | Crossing):
        charges = charge_answers(view, view.registry.sides(subject))
        if charges:
            yield "in charge", "; ".join(f"{party_name(view, one.party)} ({_span(one)})" for one in charges)
    if isinstance(subject, Measure) and subject.authority in view.registry.blocs:
        members = member_answers(view, view.registry.blocs[subject.authority])
        yield (
            "members",
            "; ".join(f"{timeline.name(one.party or one.territory or '')} ({_span(one)})" for one in members),
        )


def _span(dated: ChargeAnswer | MemberAnswer) -> str:
    """The time of a charge or a membership, in words."""
    side = f"{dated.side}, " if isinstance(dated, ChargeAnswer) else ""
    begin, end = dated.starts and f"from {dated.starts}", dated.until and f"until {dated.until}"
    return side + (" ".join(filter(None, (begin, end))) or "always")
