"""The announcements of a record, read from the log when they are first used.

The log never changes, so reading it up to the record's position gives the same announcements at any later time.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import tzinfo
from typing import TYPE_CHECKING, Any

from tracker.projections.connections import reading
from tracker.store.streams import announcement_stream
from tracker.store.url import Address, SqliteAddress

if TYPE_CHECKING:
    from tracker.timeline.versions import Version

_TYPES = "'AnnouncementRecorded', 'AnnouncementCorrected', 'AnnouncementRetracted'"
_READ = "SELECT position, state FROM event_log WHERE position <= {:d} AND type IN ({}){} ORDER BY position"

_STREAMS = "SELECT DISTINCT stream FROM event_log WHERE position <= {:d} AND type IN ({}) AND statement IN ({})"
_NAMES = "SELECT statement FROM event_log WHERE position <= {:d} AND type IN ({}) ORDER BY position"


class Announcements(Mapping[str, tuple["Version", ...]]):
    """Every announcement by id, in the order in which the log first names them."""

    def __init__(self, address: Address, position: int, tz: tzinfo) -> None:
        self._address, self._position, self._tz = address, position, tz
        self._histories: dict[str, tuple[Version, ...]] = {}
        self._whole = False

    def __getitem__(self, key: str) -> tuple["Version", ...]:
        """The versions of an announcement. Raises: KeyError, StoreUnavailable, StoreBusy, StoreDamaged."""
        history = self._histories.get(key)
        if history is None:
            if self._whole:
                raise KeyError(key)
            stream = announcement_stream(key)
            mark = stream.hex if isinstance(self._address, SqliteAddress) else str(stream)
            history = self._histories[key] = self._read(f" AND stream = '{mark}'")[key]
        return history

    def about(self, names: Collection[str]) -> Iterator[tuple["Version", ...]]:
        """The histories of all announcements that some statements are, correct or retract.

        Args: names: ids of statements; others are passed over.
        """
        from tracker.model.fields import ID_PATTERN
        from tracker.store.database import in_batches

        usable = [name for name in names if re.fullmatch(ID_PATTERN, name)]
        streams: set[str] = set()
        for ids in map(_quoted, in_batches(usable)):
            with reading(self._address) as reader:
                rows = reader.select(_STREAMS.format(self._position, _TYPES, ids))
            streams.update(str(stream) for (stream,) in rows)
        for names_of_streams in map(_quoted, in_batches(sorted(streams))):
            yield from self._read(f" AND stream IN ({names_of_streams})").values()

    def statements(self) -> Sequence[str]:
        """The ids of all statements."""
        with reading(self._address) as reader:
            return [name for (name,) in reader.select(_NAMES.format(self._position, _TYPES))]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)

    @property
    def _all(self) -> Mapping[str, tuple["Version", ...]]:
        if not self._whole:
            self._histories = self._read("")
            self._whole = True
        return self._histories

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


def _quoted(names: Sequence[str]) -> str:
    """Names as SQL has a list of them."""
    return ", ".join(f"'{name}'" for name in names)
