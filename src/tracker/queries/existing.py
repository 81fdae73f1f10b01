"""Statements and pledges of a record, as the rules need them to check new statements."""

from collections.abc import Collection, Iterable

from tracker.dataset.existing import OnRecord, StatementList
from tracker.model.announcement import Statement
from tracker.projections.lazy_announcements import Announcements
from tracker.state.record import Record
from tracker.timeline.assertion_table import Assertions
from tracker.timeline.assertions import PENDING, exemption_track, pledge_track


def on_record(record: Record) -> OnRecord:
    """The statements of a record; from a store they are loaded one by one, when a rule needs them."""
    announcements = record.announcements
    if isinstance(announcements, Announcements):
        return _Stored(announcements, record.stated.assertions)
    return StatementList(version.statement for history in announcements.values() for version in history)


class _Stored:
    """Statements of a store; the methods are described in the protocol `OnRecord`."""

    def __init__(self, announcements: Announcements, assertions: Assertions) -> None:
        self._announcements, self._assertions = announcements, assertions

    def about(self, names: Collection[str]) -> Iterable[Statement]:
        histories = self._announcements.about(names)
        return {version.statement.id: version.statement for history in histories for version in history}.values()

    def naming_pledge(self, pledge: str) -> Collection[str]:
        assertions = self._assertions
        track = assertions.number(pledge_track(pledge))
        rows = range(0) if track < 0 else range(assertions.offsets[track], assertions.offsets[track + 1])
        return set(map(assertions.announced_in, rows))

    def names(self) -> Iterable[str]:
        return self._announcements.statements()

    def pledges(self) -> Iterable[str]:
        prefix = pledge_track("")
        return (name.removeprefix(prefix) for _, name in self._assertions.beginning(prefix))

    def exemptions(self) -> Iterable[str]:
        prefixes = (exemption_track(""), PENDING + exemption_track(""))
        names = (name for prefix in prefixes for _, name in self._assertions.beginning(prefix))
        return {name.removeprefix(PENDING).split(":")[1] for name in names}
