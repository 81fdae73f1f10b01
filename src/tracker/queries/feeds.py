"""Entries of the news feed, and appointments of the calendar."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from tracker.model.dates import BEGINNING, DAY, Edge, Instant, is_midnight, moment
from tracker.model.vocabulary import SubjectKind
from tracker.queries.announcements import AnnouncementFilter, announcements
from tracker.queries.answers import Answer
from tracker.queries.clocks import Clocks
from tracker.queries.history import StatusChange, all_status_changes
from tracker.queries.reasons import lane_words
from tracker.queries.selection import Selection, Stateful, find
from tracker.state.instruments import PledgeStanding, pledges
from tracker.state.lanes import Lane
from tracker.state.record import Record, View

SCHEDULED_KINDS = (SubjectKind.MEASURE, SubjectKind.INSTRUMENT)  # for all subjects: each concerns many lanes


class FeedEntry(Answer):
    """A new announcement, or a change of status that has taken place."""

    id: str  # unique in the dataset, and never changed
    at: str  # an instant
    title: str
    summary: str
    subject: str | None
    announcement: str | None
    kind: str  # announcement or change
    authors: tuple[str, ...]


class Appointment(Answer):
    """A change scheduled for after the date asked about, or a pledge that is due or overdue."""

    id: str
    starts: date | datetime
    ends: date | datetime  # exclusive
    title: str
    description: str
    subject: str
    announcement: str | None


def feed(record: Record, clocks: Clocks, subject: str | None = None, limit: int = 100) -> list[FeedEntry]:
    """List the newest entries by the date asked about, the newest first.

    Raises: UnknownSubject.
    """
    view = record.at(clocks.known)
    about = find(view.registry, subject).id if subject else None
    entries = [*_announced(record, clocks, about), *_changed(view, clocks, about)]
    entries.sort(key=lambda item: (item[0], item[1].id), reverse=True)
    return [entry for _, entry in entries[:limit]]


def _announced(record: Record, clocks: Clocks, about: str | None) -> Iterator[tuple[Instant, FeedEntry]]:
    view = record.at(clocks.known)
    for answer in announcements(record, clocks, AnnouncementFilter(about=about, end=clocks.as_of)):
        version, content = view.contents[answer.id]
        entry = FeedEntry(
            id=f"announcement/{answer.id}/{answer.version}",
            at=moment(version.order, view.tz).isoformat(),
            title=answer.summary,
            summary="; ".join(f"{source.publisher}: {source.title or source.url or ''}" for source in content.source),
            subject=None,
            announcement=answer.id,
            kind="announcement",
            authors=tuple(speaker.name or speaker.party for speaker in answer.by),
        )
        yield version.order, entry


def _changed(view: View, clocks: Clocks, about: str | None) -> Iterator[tuple[Instant, FeedEntry]]:
    for subject, lane, changes in all_status_changes(view, Selection((about,) if about else ())):
        for change in changes:
            if BEGINNING < change.at <= clocks.as_of:
                yield change.at, _feed_entry(view, subject, lane, change)


def _feed_entry(view: View, subject: Stateful, lane: Lane | None, change: StatusChange) -> FeedEntry:
    at = moment(change.at, view.tz).isoformat()
    return FeedEntry(
        id=f"change/{lane_words(subject.id, lane, '/')}/{at}",
        at=at,
        title=_title(subject, lane, change),
        summary=change.change.reason,
        subject=subject.id,
        announcement=_first_announcement(change),
        kind="change",
        authors=(),
    )


def agenda(record: Record, clocks: Clocks, subject: str | None = None) -> list[Appointment]:
    """List the appointments after the date asked about, by date.

    Without a subject the changes are those of measures and texts.

    Raises: UnknownSubject.
    """
    view = record.at(clocks.known)
    about = find(view.registry, subject).id if subject else None
    appointments = [*_scheduled(view, clocks.as_of, about), *_due(view, clocks.as_of, about)]
    return [appointment for _, appointment in sorted(appointments, key=lambda item: (item[0], item[1].id))]


def _scheduled(view: View, after: Instant, about: str | None) -> Iterator[tuple[Instant, Appointment]]:
    selections = [Selection((about,))] if about else [Selection(kind=kind) for kind in SCHEDULED_KINDS]
    for selection in selections:
        for subject, lane, changes in all_status_changes(view, selection):
            for change in changes:
                if change.at > after:
                    yield change.at, _scheduled_change(view, subject, lane, change)


def _scheduled_change(view: View, subject: Stateful, lane: Lane | None, change: StatusChange) -> Appointment:
    starts, ends = _span(view, Edge(change.at, change.at))
    return Appointment(
        id=f"change/{lane_words(subject.id, lane, '/')}/{change.at}",
        starts=starts,
        ends=ends,
        title=_title(subject, lane, change),
        description=change.change.reason,
        subject=subject.id,
        announcement=_first_announcement(change),
    )


def _due(view: View, at: Instant, about: str | None) -> Iterator[tuple[Instant, Appointment]]:
    for standing in pledges(view, at):
        if standing.due is not None and standing.ended < 0 and (about is None or about in standing.pledge.at):
            yield standing.due.latest, _due_pledge(view, standing, standing.due)


def _due_pledge(view: View, standing: PledgeStanding, due: Edge) -> Appointment:
    starts, ends = _span(view, Edge(due.earliest - DAY, due.latest - DAY))
    pledge = standing.pledge
    return Appointment(
        id=f"due/{pledge.pledge}",
        starts=starts,
        ends=ends,
        title=f"{standing.status}: {', '.join(pledge.parties)} – {pledge.text}",
        description=f"{pledge.kind} of {view.row(standing.row).announcement}, due {pledge.due}",
        subject=pledge.at[0] if pledge.at else pledge.pledge,
        announcement=view.row(standing.row).announcement,
    )


def _title(subject: Stateful, lane: Lane | None, change: StatusChange) -> str:
    return f"{lane_words(subject.name or subject.id, lane)}: {change.change.status}"


def _first_announcement(change: StatusChange) -> str | None:
    return change.change.announcements[0] if change.change.announcements else None


def _span(view: View, edge: Edge) -> tuple[date | datetime, date | datetime]:
    """Whole days where an edge falls on midnight, else its instant."""
    first, last = moment(edge.earliest, view.tz), moment(edge.latest, view.tz)
    if edge.earliest == edge.latest and not is_midnight(first):
        return first, first
    return first.date(), last.date() + timedelta(days=1)
