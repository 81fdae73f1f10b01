"""The record out of the tables: the way of every cold question, so no more than a driver is imported."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from pydantic import TypeAdapter, ValidationError

from tracker.model.announcement import Announcement, Correction, Retraction
from tracker.model.dates import Edge, instant, moment, zone
from tracker.model.problem import BadRequest
from tracker.model.registry import AnySubject, Registry, Subject
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
from tracker.timeline.assertions import Assertion, Assertions
from tracker.timeline.versions import Span, Version

_SUBJECTS: TypeAdapter[list[AnySubject]] = TypeAdapter(list[AnySubject])
_CONTENTS: TypeAdapter[list[Announcement]] = TypeAdapter(list[Announcement])

_NEWEST = "SELECT position FROM event_log ORDER BY position DESC LIMIT 1"
_RECORDED_BY = "SELECT MAX(position) FROM event_log WHERE recorded_at <= {:d}"
_VIEWED = f"SELECT position FROM {VIEWS_CHECKPOINT}"  # nosec  # a constant
_READ_ENTRIES = "SELECT position, CAST(content AS TEXT) FROM tracker_registry ORDER BY position"
_READ_VERSIONS = """
    SELECT announcement, version, order_instant, public_from, position, recorded_at, recorded_by, digest,
           CAST(content AS TEXT), CAST(correction AS TEXT)
    FROM tracker_announcements ORDER BY position
"""
_READ_SPANS = """
    SELECT announcement, version, announced_from, announced_to, recorded_from, recorded_to
    FROM tracker_spans ORDER BY announcement, version, span
"""
_READ_ASSERTIONS = """
    SELECT track, announcement, effect, version, span,
           valid_from_earliest, valid_from_latest, valid_to_earliest, valid_to_latest
    FROM tracker_assertions ORDER BY announcement, version, number
"""

History = Mapping[str, tuple[Version, ...]]


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
        except ValidationError as error:
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
    entries = _entries(reader)
    if not entries:
        raise BadRequest(f"store {address} holds no dataset yet: load one first")
    tz = zone(Registry.of([subject for _, subject in entries]).dataset.timezone)
    history = _history(reader)
    return Record(entries, history, _assertions(reader, history), tz, position)


def _entries(reader: Reader) -> Sequence[tuple[int, Subject]]:
    rows = reader.select(_READ_ENTRIES)
    subjects = _SUBJECTS.validate_json(_array([content for _, content in rows]))
    return [(position, subject) for (position, _), subject in zip(rows, subjects, strict=True)]


def _history(reader: Reader) -> History:
    """The versions of each announcement, in the order in which the log first names them."""
    rows = reader.select(_READ_VERSIONS)
    contents = iter(_CONTENTS.validate_json(_array([row[8] for row in rows if row[8] is not None])))
    corrections = iter(_corrections([row[9] for row in rows if row[9] is not None]))
    spans: dict[tuple[str, int], list[Span]] = {}
    for announcement, number, *edges in reader.select(_READ_SPANS):
        spans.setdefault((announcement, number), []).append(Span(*edges))
    found: dict[str, list[Version]] = {}
    for announcement, number, order, public, position, at, by, digest, said, correction in rows:
        content = None if said is None else next(contents)
        statement = content if correction is None else next(corrections)
        assert statement is not None
        known = tuple(spans.get((announcement, number), ()))
        version = Version(number, order, content, statement, public, position, moment(at, UTC), by, digest, known)
        found.setdefault(announcement, []).append(version)
    return {name: tuple(sorted(each, key=lambda version: version.number)) for name, each in found.items()}


def _corrections(texts: Sequence[str]) -> Sequence[Correction | Retraction]:
    if not texts:
        return ()  # and no validator is built for them
    adapter: TypeAdapter[list[Correction | Retraction]] = TypeAdapter(list[Correction | Retraction])
    return adapter.validate_json(_array(texts))


def _assertions(reader: Reader, history: History) -> Assertions:
    """(The place to read columns in bulk, once they are stored as segments.)"""
    return Assertions.of(_assertion(history[row[1]][row[3]], *row) for row in reader.select(_READ_ASSERTIONS))


def _assertion(
    of: Version, track: str, announcement: str, index: int, version: int, span: int, *edges: int
) -> Assertion:
    assert of.content is not None
    return Assertion(
        track,
        of.order,
        announcement,
        index,
        version,
        Edge(edges[0], edges[1]),
        Edge(edges[2], edges[3]),
        of.spans[span],
        of.content.effect[index],
    )


def _array(texts: Sequence[str]) -> str:
    return f"[{','.join(texts)}]"
