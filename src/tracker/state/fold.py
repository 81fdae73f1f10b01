"""From a log of events to the record that it amounts to."""

from collections.abc import Iterable, Mapping, Sequence

from tracker.model.dates import zone
from tracker.model.events import Recorded, StatementEvent, SubjectEvent
from tracker.model.register import Entries
from tracker.model.registry import Entry
from tracker.state.record import Record, denied_by
from tracker.timeline.assertion_table import Assertions
from tracker.timeline.assertions import assertions_of
from tracker.timeline.versions import Version, concerns, versions


def fold(events: Iterable[Recorded]) -> Record:
    """The record of these events.

    Raises: ValueError where no dataset is registered.
    """
    entries: list[Entry] = []
    streams: dict[str, list[Recorded]] = {}
    last = 0
    for recorded in events:
        last = max(last, recorded.position)
        if isinstance(recorded.event, SubjectEvent):
            entries.append(Entry.of(recorded.position, recorded.event.subject))
        elif isinstance(recorded.event, StatementEvent):
            streams.setdefault(concerns(recorded.event), []).append(recorded)
    register = Entries(entries)
    tz = zone(register.registry().dataset.timezone)
    history = {key: versions(stream, tz) for key, stream in streams.items()}
    rows = [row for each in history.values() for version in each for row in assertions_of(version, tz)]
    return Record(register, history, Assertions.of(rows), _denying(history.values()), tz, last)


def _denying(histories: Iterable[Sequence[Version]]) -> Mapping[str, Sequence[str]]:
    found: dict[str, list[str]] = {}
    for version in (version for history in histories for version in history):
        for denied in denied_by(version.content):
            if version.id not in found.setdefault(denied, []):
                found[denied].append(version.id)
    return found
