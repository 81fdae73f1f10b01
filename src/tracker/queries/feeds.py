"""Entries of the news feed, and appointments of the calendar."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from heapq import nlargest

from tracker.model.announcement import Announcement, title_of
from tracker.model.dates import BEGINNING, DAY, Edge, Instant, is_midnight, moment
from tracker.model.names import display_name, name_of
from tracker.model.vocabulary import SubjectKind
from tracker.queries.about import ids_about, implied
from tracker.queries.announcements import AnnouncementFilter, matches
from tracker.queries.answer_base import Answer
from tracker.queries.clocks import Clocks
from tracker.queries.history import StatusChange, all_status_changes
from tracker.queries.reasons import lane_words, party_name
from tracker.queries.selection import KINDS, Selection, Stateful
from tracker.state.instruments import PledgeStanding, pledges
from tracker.state.lanes import Lane
from tracker.state.record import Record, View
from tracker.timeline.versions import Version

SCHEDULED_KINDS = (SubjectKind.MEASURE, SubjectKind.INSTRUMENT)  # for all subjects: each concerns many lanes


class FeedEntry(Answer):
    """A new announcement, or a change of status that has taken place."""

    id: str  # unique in the dataset, and never changed
    at: str  # an instant
    updated: str  # the instant of the last correction
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
    """List the newest entries by the date asked about, the newest first: one for each announcement and each event.

    What an announcement changes at once stands in its own entry; what takes place at another time is an event.

    Raises: UnknownSubject.
    """
    view = record.over_periods(clocks.known, clocks.as_of)
    events = {(event.at, event.cause): event for event in _past_events(view, subject, clocks.as_of)}
    entries: list[tuple[Instant, Callable[[], str], Callable[[], FeedEntry]]] = []  # what gives the id and the entry
    for version, content in matches(view, AnnouncementFilter(about=subject, end=clocks.as_of)):
        at_once = events.pop((version.order, version.id), None)
        entry = partial(_announced, view, version, content, at_once)
        entries.append((version.announced, partial(_id_of_announcement, version), entry))
    entries += [(event.at, partial(event.id, view), partial(_happened, view, event)) for event in events.values()]
    oldest = min(nlargest(limit, (at for at, _, _ in entries)), default=BEGINNING)
    newest = [(at, name(), make) for at, name, make in entries if at >= oldest]
    newest.sort(key=lambda item: item[:2], reverse=True)
    return [make() for _, _, make in newest[:limit]]


def _past_events(view: View, subject: str | None, at: Instant) -> list["Event"]:
    """The events by a date; those of all subjects are kept with the view."""
    key = Event, subject
    every: Sequence[Event] | None = view.memo.get(key) if subject is None else None
    if every is None:
        every = tuple(_events(view, subject))
        if subject is None:
            view.memo[key] = every
    return [event for event in every if BEGINNING < event.at <= at]


def feed_name(view: View, subject: str | None) -> str:
    """The name of the subject of a feed.

    Raises: UnknownSubject.
    """
    return "all" if subject is None else min(name_of(view.registry, key) for key in ids_about(view, subject))


@dataclass(frozen=True)
class Event:
    """Changes that take place at one instant and come of one announcement."""

    at: Instant
    cause: str  # the announcement; where there is none, the lane
    changes: tuple[tuple[Stateful, Lane | None, StatusChange], ...]  # of measures and texts first

    @property
    def announcement(self) -> str | None:
        """The announcement that they come of."""
        return next(iter(self.changes[0][2].change.announcements), None)

    def id(self, view: View) -> str:
        """The id of its entry in the feed."""
        return f"change/{self.cause}/{moment(self.at, view.tz).isoformat()}"

    def title(self, view: View) -> str:
        """The first change in words, and how many more there are."""
        more = f" (and {len(self.changes) - 1} more)" if len(self.changes) > 1 else ""
        return next(self.lines(view)) + more

    def lines(self, view: View) -> Iterator[str]:
        """Each change in words."""
        for subject, lane, change in self.changes:
            yield f"{lane_words(display_name(view.registry, subject), lane)}: {change.change.status}"


def _events(view: View, subject: str | None, kinds: Collection[SubjectKind] = KINDS) -> Iterator[Event]:
    """The changes of some kinds of subjects, or of one, by instant and announcement."""
    groups: dict[tuple[Instant, str], list[tuple[Stateful, Lane | None, StatusChange]]] = {}
    for changed, lane, changes in _changes(view, subject, kinds):
        for change in changes:
            cause = next(iter(change.change.announcements), lane_words(changed.id, lane, "/"))
            groups.setdefault((change.at, cause), []).append((changed, lane, change))
    for (at, cause), group in groups.items():
        yield Event(at, cause, tuple(sorted(group, key=lambda item: item[0].type not in SCHEDULED_KINDS)))


def _changes(
    view: View, subject: str | None, kinds: Collection[SubjectKind]
) -> Iterator[tuple[Stateful, Lane | None, list[StatusChange]]]:
    if subject is None:
        selections = [Selection(kind=kind) for kind in kinds]
    else:
        keys = [key for key in ids_about(view, subject) if key in view.registry.with_state]
        selections = [Selection(tuple(keys))] if keys else []
    for selection in selections:
        yield from all_status_changes(view, selection)


def _id_of_announcement(version: Version) -> str:
    return f"announcement/{version.id}"


def _announced(view: View, version: Version, content: Announcement, at_once: Event | None) -> FeedEntry:
    sources = [": ".join(filter(None, (source.publisher, source.title))) for source in content.source]
    changes = list(at_once.lines(view)) if at_once else []
    return FeedEntry(
        id=_id_of_announcement(version),
        at=moment(version.order, view.tz).isoformat(),
        updated=moment(version.announced, view.tz).isoformat(),
        title=title_of(content),
        summary="\n".join((content.summary, *changes, *sources)),
        subject=None,
        announcement=version.id,
        kind="announcement",
        authors=tuple(speaker.name or party_name(view, speaker.party) for speaker in content.by),
    )


def _happened(view: View, event: Event) -> FeedEntry:
    at = moment(event.at, view.tz).isoformat()
    subject, _, change = event.changes[0]
    return FeedEntry(
        id=event.id(view),
        at=at,
        updated=at,
        title=event.title(view),
        summary="\n".join((change.change.reason, *event.lines(view))),
        subject=subject.id,
        announcement=event.announcement,
        kind="change",
        authors=(),
    )


def agenda(record: Record, clocks: Clocks, subject: str | None = None) -> list[Appointment]:
    """List the appointments after the date asked about, by date: one for each event.

    Without a subject the changes are those of measures and texts.

    Raises: UnknownSubject.
    """
    view = record.over_periods(clocks.known, clocks.as_of)
    about = ids_about(view, subject) if subject else None
    events = _events(view, subject, SCHEDULED_KINDS)
    scheduled = [(event.at, _scheduled(view, event)) for event in events if event.at > clocks.as_of]
    appointments = [*scheduled, *_due(view, clocks.as_of, about)]
    return [appointment for _, appointment in sorted(appointments, key=lambda item: (item[0], item[1].id))]


def _scheduled(view: View, event: Event) -> Appointment:
    starts, ends = _span(view, Edge(event.at, event.at))
    subject, lane, change = event.changes[0]
    return Appointment(
        id=f"change/{lane_words(subject.id, lane, '/')}/{event.at}",
        starts=starts,
        ends=ends,
        title=event.title(view),
        description="\n".join((change.change.reason, *event.lines(view))),
        subject=subject.id,
        announcement=event.announcement,
    )


def _due(view: View, at: Instant, about: Collection[str] | None) -> Iterator[tuple[Instant, Appointment]]:
    for standing in pledges(view, at):
        if standing.due is None or standing.ended >= 0:
            continue
        if about is None or not implied(view, standing.pledge.pledge).isdisjoint(about):
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


def _span(view: View, edge: Edge) -> tuple[date | datetime, date | datetime]:
    """Whole days where an edge falls on midnight, else its instant."""
    first, last = moment(edge.earliest, view.tz), moment(edge.latest, view.tz)
    if edge.earliest == edge.latest and not is_midnight(first):
        return first, first
    return first.date(), last.date() + timedelta(days=1)
