"""The announcements of a record, read from the log when somebody asks for them.

The log never changes, so what is read later, up to the position of the record, is what would have been read at once.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import tzinfo
from typing import TYPE_CHECKING, Any

from tracker.read_model.connect import reading
from tracker.store.address import Address, SqliteAddress
from tracker.store.streams import announcement_stream

if TYPE_CHECKING:
    from tracker.timeline.versions import Version

_TYPES = "'AnnouncementRecorded', 'AnnouncementCorrected', 'AnnouncementRetracted'"
_READ = "SELECT position, state FROM event_log WHERE position <= {:d} AND type IN ({}){} ORDER BY position"


class Announcements(Mapping[str, tuple["Version", ...]]):
    """Every announcement by id, in the order in which the log first names them."""

    def __init__(self, address: Address, position: int, tz: tzinfo) -> None:
        self._address, self._position, self._tz = address, position, tz
        self._found: dict[str, tuple[Version, ...]] = {}
        self._whole = False

    def __getitem__(self, key: str) -> tuple["Version", ...]:
        """Raises: KeyError, StoreUnavailable, StoreBusy, StoreDamaged."""
        found = self._found.get(key)
        if found is None:
            if self._whole:
                raise KeyError(key)
            stream = announcement_stream(key)
            mark = stream.hex if isinstance(self._address, SqliteAddress) else str(stream)
            found = self._found[key] = self._read(f" AND stream = '{mark}'")[key]
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)

    @property
    def _all(self) -> Mapping[str, tuple["Version", ...]]:
        if not self._whole:
            self._found = self._read("")
            self._whole = True
        return self._found

    def _read(self, more: str) -> dict[str, tuple["Version", ...]]:
        # models and validators take longer to import than most answers
        from tracker.model.events import Recorded, StatementEvent
        from tracker.store.codec import Mapper
        from tracker.timeline.versions import concerns, versions

        with reading(self._address) as reader:
            rows: Sequence[tuple[Any, ...]] = reader.select(_READ.format(self._position, _TYPES, more))
        mapper = Mapper()
        streams: dict[str, list[Recorded]] = {}
        for position, state in rows:
            event = mapper.event(bytes(state), position)
            assert isinstance(event, StatementEvent)
            streams.setdefault(concerns(event), []).append(Recorded(position, event))
        return {key: versions(stream, self._tz) for key, stream in streams.items()}
