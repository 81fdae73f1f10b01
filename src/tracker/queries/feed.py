"""What is new, for feed readers: announcements, and the changes of status that have taken place."""

from collections.abc import Iterator

from tracker.model.dates import BEGINNING, Instant, moment
from tracker.queries.announcements import Wanted, announcements
from tracker.queries.answer import Answer
from tracker.queries.clocks import Clocks
from tracker.queries.history import Turn, turns
from tracker.queries.selection import Selection, Stateful, chosen, find
from tracker.state.lanes import Lane
from tracker.state.record import Record, View


class FeedEntry(Answer):
    """One announcement, or one change."""

    id: str  # unique in the dataset, and the same for ever
    at: str  # an instant
    title: str
    summary: str
    subject: str | None
    announcement: str | None
    kind: str  # announcement or change
    authors: tuple[str, ...]


def feed(record: Record, clocks: Clocks, subject: str | None = None, limit: int = 100) -> list[FeedEntry]:
    """The newest entries by the date asked about, the newest first.

    Raises: UnknownSubject.
    """
    view = record.at(clocks.known)
    wanted = find(view.registry, subject).id if subject else None
    found = [*_statements(record, clocks, wanted), *_changes(view, clocks, wanted)]
    found.sort(key=lambda each: (each[0], each[1].id), reverse=True)
    return [entry for _, entry in found[:limit]]


def _statements(record: Record, clocks: Clocks, subject: str | None) -> Iterator[tuple[Instant, FeedEntry]]:
    view = record.at(clocks.known)
    for answer in announcements(record, clocks, Wanted(about=subject, end=clocks.as_of)):
        version, content = view.contents[answer.id]
        yield (
            version.order,
            FeedEntry(
                id=f"announcement/{answer.id}/{answer.version}",
                at=moment(version.order, view.tz).isoformat(),
                title=answer.summary,
                summary="; ".join(f"{each.publisher}: {each.title or each.url or ''}" for each in content.source),
                subject=None,
                announcement=answer.id,
                kind="announcement",
                authors=tuple(each.name or each.party for each in answer.by),
            ),
        )


def _changes(view: View, clocks: Clocks, subject: str | None) -> Iterator[tuple[Instant, FeedEntry]]:
    selection = Selection((subject,) if subject else ())
    for each in chosen(view.registry, selection):
        for lane, changes in turns(view, each, selection):
            for turn in changes:
                if BEGINNING < turn.at <= clocks.as_of:
                    yield turn.at, _change(view, each, lane, turn)


def _change(view: View, subject: Stateful, lane: Lane | None, turn: Turn) -> FeedEntry:
    way = f" {lane.mode} {lane.traffic} {lane.direction}" if lane else ""
    at = moment(turn.at, view.tz).isoformat()
    return FeedEntry(
        id=f"change/{subject.id}{way.replace(' ', '/')}/{at}",
        at=at,
        title=f"{subject.name or subject.id}{way}: {turn.change.status}",
        summary=turn.change.reason,
        subject=subject.id,
        announcement=turn.change.announcements[0] if turn.change.announcements else None,
        kind="change",
        authors=(),
    )
