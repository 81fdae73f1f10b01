"""The record out of the tables: the way of every cold question, so no more than a driver is imported."""

from datetime import datetime

from tracker.model.dates import instant, zone
from tracker.model.problem import BadRequest
from tracker.model.registry import Entry, Registry
from tracker.model.vocabulary import SubjectKind
from tracker.read_model.announcements import Announcements
from tracker.read_model.checkpoint import (
    CHECKPOINT,
    READ_CHECKPOINT,
    VIEWS_CHECKPOINT,
    Checkpoint,
    NotRefreshed,
    refuse_newer,
)
from tracker.read_model.connect import Reader, reading
from tracker.state.record import Record
from tracker.store.address import Address, SqliteAddress, parse_address
from tracker.timeline.merge import merged
from tracker.timeline.packing import segments
from tracker.timeline.table import Assertions

_NEWEST = "SELECT position FROM event_log ORDER BY position DESC LIMIT 1"
_RECORDED_BY = "SELECT MAX(position) FROM event_log WHERE recorded_at <= {:d}"
_VIEWED = f"SELECT position FROM {VIEWS_CHECKPOINT}"  # nosec  # a constant
_READ_ENTRIES = "SELECT position, kind, id, CAST(content AS TEXT), places FROM tracker_registry ORDER BY position"
_READ_SEGMENTS = "SELECT segment, name, type, data FROM tracker_segments ORDER BY segment"
_READ_DENYING = "SELECT DISTINCT other, announcement FROM tracker_relations WHERE type = 'denies' ORDER BY 1, 2"


def is_current(url: str, *, views: bool = False) -> bool:
    """Whether the tables hold the whole log; false also where there is no store.

    Args: views: and whether what the views show is brought up to them.
    Raises: NewerStore, StoreUnavailable, StoreBusy, BadRequest.
    """
    address = parse_address(url)
    if isinstance(address, SqliteAddress) and not address.path.exists():
        return False
    with reading(address) as reader:
        found = _checkpoint(reader, address)
        if found is None or not found.readable or not reader.has("event_log"):
            return False
        newest = reader.select(_NEWEST)
        if found.position != (newest[0][0] if newest else 0):
            return False
        return not views or (reader.has(VIEWS_CHECKPOINT) and reader.select(_VIEWED) == [(found.position,)])


def newest(url: str) -> int:
    """The last position of the log, 0 where it is empty: cheap enough to ask before every answer.

    Raises: StoreUnavailable, StoreBusy, BadRequest.
    """
    with reading(parse_address(url)) as reader:
        found = reader.select(_NEWEST) if reader.has("event_log") else []
        return found[0][0] if found else 0


def position_at(url: str, at: datetime) -> int:
    """The last position recorded at or before a timestamp, 0 before the first.

    Raises: StoreUnavailable, StoreBusy, BadRequest.
    """
    with reading(parse_address(url)) as reader:
        found = reader.select(_RECORDED_BY.format(instant(at))) if reader.has("event_log") else []
        return found[0][0] or 0 if found else 0


def load(url: str) -> Record:
    """The record that the tables hold, up to their checkpoint.

    Raises: NotRefreshed, NewerStore, StoreUnavailable, StoreBusy, BadRequest.
    """
    address = parse_address(url)
    with reading(address) as reader:
        found = _checkpoint(reader, address)
        if found is None or not found.readable:
            raise NotRefreshed(f"store {address} has no read model of this version yet: refresh it")
        try:
            return _record(reader, found.position, address)
        except (KeyError, ValueError, TypeError) as error:
            raise NotRefreshed(f"the read model of store {address} cannot be read, rebuild it: {error}") from error


def _checkpoint(reader: Reader, address: Address) -> Checkpoint | None:
    if not reader.has(CHECKPOINT):
        return None
    rows = reader.select(READ_CHECKPOINT)
    if not rows:
        return None
    found = Checkpoint(*rows[0])
    refuse_newer(found, address)
    return found


def _record(reader: Reader, position: int, address: Address) -> Record:
    entries = list(map(Entry._make, reader.select(_READ_ENTRIES)))
    if not entries:
        raise BadRequest(f"store {address} holds no dataset yet: load one first")
    tz = zone(Registry.of_entries(entry for entry in entries if entry.kind == SubjectKind.DATASET).dataset.timezone)
    denying: dict[str, list[str]] = {}
    for denied, key in reader.select(_READ_DENYING):
        denying.setdefault(denied, []).append(key)
    stored = segments(reader.select(_READ_SEGMENTS))
    return Record(
        entries,
        Announcements(address, position, tz),
        merged(stored) if stored else Assertions.of(()),
        denying,
        tz,
        position,
    )
