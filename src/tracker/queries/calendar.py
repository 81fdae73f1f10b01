"""What is to come, for calendars: scheduled changes, ends of measures, due dates of pledges."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from tracker.model.dates import DAY, Edge, Instant, moment
from tracker.model.registry import Instrument, Measure
from tracker.queries.answer import Answer
from tracker.queries.clocks import Clocks
from tracker.queries.history import turns
from tracker.queries.selection import Selection, chosen, find
from tracker.state.instruments import PledgeStanding, pledges
from tracker.state.record import Record, View

SELECT_ALL = Selection()


class Appointment(Answer):
    """Something that is set for a day or an hour after the date asked about, or is overdue."""

    id: str
    starts: date | datetime
    ends: date | datetime  # exclusive
    title: str
    description: str
    subject: str
    announcement: str | None


def agenda(record: Record, clocks: Clocks, subject: str | None = None) -> list[Appointment]:
    """What is to come after the date asked about, by date.

    Raises: UnknownSubject.
    """
    view = record.at(clocks.known)
    wanted = find(view.registry, subject).id if subject else None
    found = [*_changes(view, clocks.as_of, wanted), *_due(view, clocks.as_of, wanted)]
    return [each for _, each in sorted(found, key=lambda item: (item[0], item[1].id))]


def _changes(view: View, after: Instant, wanted: str | None) -> Iterator[tuple[Instant, Appointment]]:
    for subject in chosen(view.registry, Selection((wanted,) if wanted else ())):
        if wanted is None and not isinstance(subject, Measure | Instrument):
            continue  # of all subjects, the measures say it once for all the lanes that they bear on
        for lane, changes in turns(view, subject, SELECT_ALL):
            for turn in (each for each in changes if each.at > after):
                way = f" {lane.mode} {lane.traffic} {lane.direction}" if lane else ""
                starts, ends = _span(view, Edge(turn.at, turn.at))
                yield (
                    turn.at,
                    Appointment(
                        id=f"change/{subject.id}{way.replace(' ', '/')}/{turn.at}",
                        starts=starts,
                        ends=ends,
                        title=f"{subject.name or subject.id}{way}: {turn.change.status}",
                        description=turn.change.reason,
                        subject=subject.id,
                        announcement=turn.change.announcements[0] if turn.change.announcements else None,
                    ),
                )


def _due(view: View, at: Instant, wanted: str | None) -> Iterator[tuple[Instant, Appointment]]:
    for standing in pledges(view, at):
        if standing.due is not None and standing.ended < 0 and (wanted is None or wanted in standing.pledge.at):
            yield standing.due.latest, _appointment(view, standing, standing.due)


def _appointment(view: View, standing: PledgeStanding, due: Edge) -> Appointment:
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
    """Whole days where an edge falls on midnight, else the hour."""
    first, last = moment(edge.earliest, view.tz), moment(edge.latest, view.tz)
    if edge.earliest == edge.latest and (first.hour, first.minute, first.second) != (0, 0, 0):
        return first, first
    return first.date(), last.date() + timedelta(days=1)
