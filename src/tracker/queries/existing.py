"""What a record says of statements and pledges, for the rules that new statements are checked by."""

from collections.abc import Collection, Iterable

from tracker.dataset.existing import OnRecord, StatementList
from tracker.model.announcement import Statement
from tracker.projections.lazy_announcements import Announcements
from tracker.state.record import Record
from tracker.timeline.assertion_table import Assertions
from tracker.timeline.assertions import pledge_track


def on_record(record: Record) -> OnRecord:
    """The statements of a record; those of a store are read when they are asked for."""
    announcements = record.announcements
    if isinstance(announcements, Announcements):
        return _InStore(announcements, record.assertions)
    return StatementList(version.statement for history in announcements.values() for version in history)


class _InStore:
    def __init__(self, announcements: Announcements, assertions: Assertions) -> None:
        self._announcements, self._assertions = announcements, assertions

    def about(self, names: Collection[str]) -> Iterable[Statement]:
        histories = self._announcements.about(names)
        return {version.statement.id: version.statement for history in histories for version in history}.values()

    def naming_pledge(self, pledge: str) -> Collection[str]:
        rows = self._assertions
        track = rows.number(pledge_track(pledge))
        found = range(0) if track < 0 else range(rows.offsets[track], rows.offsets[track + 1])
        return set(map(rows.announced_in, found))

    def names(self) -> Iterable[str]:
        return self._announcements.statements()

    def pledges(self) -> Iterable[str]:
        prefix = pledge_track("")
        return (name.removeprefix(prefix) for _, name in self._assertions.beginning(prefix))
