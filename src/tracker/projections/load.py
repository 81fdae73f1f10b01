"""Load a record from the tables. Every cold question does, so nothing heavier than a database driver is imported.

Servers load all tables up front. A one-off query on SQLite loads columns lazily inside one read transaction. PostgreSQL
is always read at once: each lazy read would be a round trip, and the server ends transactions that stay idle.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

from tracker.model.dates import Instant, instant, zone
from tracker.model.errors import BadRequest
from tracker.model.register import Register
from tracker.projections import lazy_registry
from tracker.projections.checkpoint import (
    CHECKPOINT,
    READ_CHECKPOINT,
    VIEWS,
    Checkpoint,
    NotRefreshed,
    refuse_newer,
)
from tracker.projections.connections import Reader, reading
from tracker.projections.lazy_announcements import Announcements
from tracker.state.record import Record
from tracker.store.database import refuse_newer as refuse_newer_store
from tracker.store.merkle import leaf_hash
from tracker.store.url import Address, SqliteAddress, parse_address
from tracker.timeline.assertion_table import Assertions
from tracker.timeline.merge import merged
from tracker.timeline.precedence import precedents_of
from tracker.timeline.serialisation import MAX_SINGLE_NAMES, SMALL_POOL, lazy_segments, segments, unpacked
from tracker.timeline.stated import Stated

ROWS_PER_BATCH = 65_536
_NEWEST = "SELECT position FROM event_log ORDER BY position DESC LIMIT 1"
_STORE_VERSION = "SELECT version FROM store_version"
_FIRST_LEAF = "SELECT leaf FROM merkle_leaves WHERE number = 0"
_RECORDED_AT = "SELECT position, recorded_at FROM event_log WHERE position <= {:d} ORDER BY position"
_RECORDED_BY = "SELECT MAX(position) FROM event_log WHERE recorded_at <= {:d}"
_READ_DATASET = "SELECT CAST(content AS TEXT) FROM tracker_registry WHERE kind = 'dataset' ORDER BY position DESC"
_SEGMENTS = ("tracker_segments", "segment, name, type", "data")
_READ_DENIALS = "SELECT denied, announcement FROM tracker_denials ORDER BY 1, 2"

_READ_PRECEDENTS = "SELECT announcement, earlier, said FROM tracker_precedents ORDER BY 1, 2"
_READ_ORDERS = """
SELECT id, announced FROM tracker_announcements
WHERE id IN (SELECT announcement FROM tracker_precedents UNION SELECT earlier FROM tracker_precedents)
"""


class Limits(NamedTuple):
    """Sizes up to which parts of a record in a file are read whole or one by one, see `opened`."""

    registry: int = lazy_registry.MAX_SMALL_REGISTRY  # entries
    subjects: int = lazy_registry.MAX_SINGLE_READS  # of a kind
    pool: int = SMALL_POOL  # bytes
    names: int = MAX_SINGLE_NAMES  # of a pool


LIMITS = Limits()


def is_current(url: str) -> bool:
    """Whether the tables hold the whole log; false also where there is no store.

    Raises: NewerStore, StoreUnavailable, StoreBusy, BadRequest.
    """
    address = parse_address(url)
    if isinstance(address, SqliteAddress) and not address.path.exists():
        return False
    with reading(address) as reader:
        checkpoint = _checkpoint(reader, address)
        if checkpoint is None or not checkpoint.readable or not reader.has("event_log"):
            return False
        rows = reader.select(_NEWEST)
        return checkpoint.position == (rows[0][0] if rows else 0)


def has_views(url: str) -> bool:
    """Whether a store has the views for SQL.

    Raises: StoreUnavailable, StoreBusy, BadRequest.
    """
    with reading(parse_address(url)) as reader:
        return all(map(reader.has, VIEWS))


def newest(url: str) -> int:
    """The last position of the log, 0 where it is empty: cheap enough to ask before every answer.

    Raises: StoreUnavailable, StoreBusy, BadRequest.
    """
    with reading(parse_address(url)) as reader:
        rows = reader.select(_NEWEST) if reader.has("event_log") else []
        return rows[0][0] if rows else 0


def log_id(url: str) -> str:
    """The id of the log: the hash of its first leaf, in hexadecimal; empty where nothing is recorded.

    Raises: StoreUnavailable, StoreBusy, BadRequest.
    """
    with reading(parse_address(url)) as reader:
        rows = reader.select(_FIRST_LEAF) if reader.has("merkle_leaves") else []
        return leaf_hash(bytes(rows[0][0])).hex() if rows else ""


def position_at(url: str, at: datetime) -> int:
    """The last position recorded at or before a timestamp, 0 before the first.

    Raises: StoreUnavailable, StoreBusy, BadRequest.
    """
    with reading(parse_address(url)) as reader:
        rows = reader.select(_RECORDED_BY.format(instant(at))) if reader.has("event_log") else []
        return rows[0][0] or 0 if rows else 0


def recorded_at(url: str, until: int) -> Iterator[tuple[int, Instant]]:
    """When each event up to a position was recorded.

    Raises: StoreUnavailable, StoreBusy, BadRequest.
    """
    with reading(parse_address(url)) as reader:
        for rows in reader.batches(_RECORDED_AT.format(until), ROWS_PER_BATCH):
            yield from rows


def load(url: str) -> Record:
    """The record that the tables hold, up to their checkpoint, read at once: for servers, which keep it.

    Raises: NotRefreshed, NewerStore, StoreUnavailable, StoreBusy, BadRequest.
    """
    address = parse_address(url)
    with reading(address) as reader:
        position = _position(reader, address)
        with _readable(address):
            stored = [(*key, read()) for *key, read in reader.blobs(*_SEGMENTS)]
            assertions = merged(segments(stored))
            return _record(reader, address, position, lazy_registry.whole(reader), assertions)


@contextmanager
def opened(url: str, limits: Limits = LIMITS) -> Iterator[Record]:
    """The record that the tables hold, for one question: from a file, only what the question needs is read.

    All reads see the state that the file had when it was opened.
    Raises: NotRefreshed, NewerStore, StoreUnavailable, StoreBusy, BadRequest; some only when a part is read.
    """
    address = parse_address(url)
    if not isinstance(address, SqliteAddress):
        yield load(url)
        return
    with reading(address) as reader:
        position = _position(reader, address)
        with _readable(address):
            stored = [
                (number, name, partial(_part, address, kind, read, limits))
                for number, name, kind, read in reader.blobs(*_SEGMENTS)
            ]
            assertions = merged(lazy_segments(stored, position))
            record = _record(
                reader,
                address,
                position,
                lazy_registry.for_one_question(reader, limits.registry, limits.subjects),
                assertions,
            )
        yield record


def _part(address: Address, kind: str, read: Callable[[], bytes], limits: Limits) -> Any:
    with _readable(address):
        return unpacked(kind, read(), small=limits.pool, single=limits.names)


@contextmanager
def _readable(address: Address) -> Iterator[None]:
    try:
        yield
    except (KeyError, ValueError, TypeError) as error:
        raise NotRefreshed(f"the read model of store {address} cannot be read, rebuild it: {error}") from error


def _position(reader: Reader, address: Address) -> int:
    """How far the tables have come.

    Raises: NotRefreshed, NewerStore.
    """
    checkpoint = _checkpoint(reader, address)
    if checkpoint is None or not checkpoint.readable:
        raise NotRefreshed(f"store {address} has no read model of this version yet: refresh it")
    return checkpoint.position


def _checkpoint(reader: Reader, address: Address) -> Checkpoint | None:
    for (version,) in reader.select(_STORE_VERSION) if reader.has("store_version") else ():
        refuse_newer_store(version, address)
    if not reader.has(CHECKPOINT):
        return None
    rows = reader.select(READ_CHECKPOINT)
    if not rows:
        return None
    checkpoint = Checkpoint(*rows[0])
    refuse_newer(checkpoint, address)
    return checkpoint


def _record(reader: Reader, address: Address, position: int, entries: Register, assertions: Assertions) -> Record:
    dataset = reader.select(_READ_DATASET)
    if not dataset:
        raise BadRequest(f"store {address} holds no dataset yet: load one first")
    tz = zone(json.loads(dataset[0][0])["timezone"])
    denying: dict[str, list[str]] = {}
    for denied, key in reader.select(_READ_DENIALS):
        denying.setdefault(denied, []).append(key)
    precedents = precedents_of((name, earlier, bool(said)) for name, earlier, said in reader.select(_READ_PRECEDENTS))
    orders = dict(map(tuple, reader.select(_READ_ORDERS))) if precedents else {}
    stated = Stated(assertions, precedents, orders)
    return Record(entries, Announcements(address, position, tz), stated, denying, tz, position)
