"""From a log of events in memory to the record that it amounts to."""

from collections.abc import Iterable

from tracker.model.dates import zone
from tracker.model.events import Recorded, StatementEvent, SubjectEvent
from tracker.model.register import Entries
from tracker.model.registry import Entry
from tracker.state.record import Record
from tracker.timeline.derivation import Derivation
from tracker.timeline.stated import Stated
from tracker.timeline.versions import Version, concerns, versions


def fold(events: Iterable[Recorded], supposed: Iterable[Version] = ()) -> Record:
    """The record of these events, and of announcements that are supposed for one question.

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
    histories = {key: versions(stream, tz) for key, stream in streams.items()}
    histories |= {version.id: (version,) for version in supposed}
    derivation = Derivation(tz)
    derivation.add_histories(histories.values())
    denying: dict[str, list[str]] = {}
    for denied, key in derivation.denials:
        denying.setdefault(denied, []).append(key)
    orders = {key: history[0].order for key, history in histories.items()}
    stated = Stated(derivation.table(), derivation.precedents, orders)
    return Record(register, histories, stated, denying, tz, last)
