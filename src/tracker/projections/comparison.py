"""Comparison of the stored derived tables with a copy that was made from the log: row by row, and the columns.

Rows are compared as multisets of hashes, so that tables of any length take little memory; only rows that differ are
read a second time, to name them.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from hashlib import blake2b
from itertools import islice
from typing import Any, NamedTuple

from sqlalchemy import Table

from tracker.model.errors import Discrepancy, TrackerError
from tracker.projections import checkpoint
from tracker.projections.connections import Reader, reading
from tracker.projections.derived_copy import DerivedCopy
from tracker.projections.sql_views import tables as views
from tracker.projections.writer import ANNOUNCEMENTS, CHECKPOINTS, DENIALS, PRECEDENTS, REGISTRY, SEGMENTS
from tracker.store.errors import StoreBusy
from tracker.store.event_store import EventStore
from tracker.store.url import parse_address
from tracker.timeline.assertion_table import Assertions
from tracker.timeline.merge import REPLACED, Segment, merged
from tracker.timeline.serialisation import Packed, pack, segments

MAX_NAMED = 100  # differences of one table that are named
ROWS_PER_BATCH = 5_000
ATTEMPTS = 3  # to find the tables as they were when their copy was begun

_KEYS: dict[Table, tuple[str, ...]] = {  # columns that tell which row it is
    REGISTRY: ("position",),
    ANNOUNCEMENTS: ("recorded_position",),
    DENIALS: ("announcement", "denied"),
    PRECEDENTS: ("announcement", "earlier"),
    views.STATUSES: (*views.LANE, "valid_from"),
    views.MEASURES: ("measure", "valid_from"),
    views.PLEDGES: ("pledge", "announcement"),
    views.TALLIES: views.LANE,
}
_LABELS: dict[Table, tuple[str, ...]] = {  # columns by which people know a row, where they are not the key
    REGISTRY: ("kind", "id"),
    ANNOUNCEMENTS: ("id",),
}
_COLUMN_TABLES = (REGISTRY, ANNOUNCEMENTS, DENIALS, PRECEDENTS)
COMPARED = (*_KEYS, SEGMENTS, CHECKPOINTS, views.DERIVED)  # every table of these two rooms

Row = tuple[Any, ...]


class Reached(NamedTuple):
    """How far the stored tables have come; None where there are none of today's version."""

    columns: int | None
    views: int | None


class Comparison(NamedTuple):
    """Result of a comparison of the derived tables."""

    reached: Reached
    findings: tuple[Discrepancy, ...]


def compare(store: EventStore, url: str, stops: dict[int, Callable[[DerivedCopy], None]]) -> Comparison:
    """Derive the tables of a store from its log beside the stored ones, and compare.

    Args: stops: what else to do with the copy when it has reached a position.
    Raises: StoreBusy, where others move the tables on all the time; StoreDamaged, NewerStore, StoreUnavailable.
    """
    for _ in range(ATTEMPTS):
        with reading(parse_address(url)) as reader:
            last = store.max_position()
            reached, findings = _reached(reader, last)
        with DerivedCopy.beside(store, url) as copy:
            done = _compare(copy, url, last, reached, stops)
        if done is not None:
            return Comparison(reached, (*findings, *done))
    raise StoreBusy(f"store {store.address}: its tables move on all the time: verify it again later")


def _compare(
    copy: DerivedCopy, url: str, last: int, reached: Reached, stops: dict[int, Callable[[DerivedCopy], None]]
) -> list[Discrepancy] | None:
    """Stop the copy at each position that something is compared at; None where the tables have moved on meanwhile."""
    findings: list[Discrepancy] = []
    for position in sorted({*stops, *(place for place in reached if place is not None)}):
        copy.advance(position)
        if position in stops:
            stops[position](copy)
        for place, tables in ((reached.views, tuple(views.FILLED)), (reached.columns, _COLUMN_TABLES)):
            if position != place:
                continue
            if tables is not _COLUMN_TABLES:
                copy.derive_views()
            with reading(parse_address(url)) as stored, copy.reading() as derived:
                if _reached(stored, last)[0] != reached:
                    return None
                findings += [found for table in tables for found in compare_rows(table, stored, derived)]
                if tables is _COLUMN_TABLES:
                    findings += compare_columns(stored, derived)
    return findings


def _reached(reader: Reader, last: int) -> tuple[Reached, list[Discrepancy]]:
    """How far the tables have come. Args: last: the last position of the log."""
    findings: list[Discrepancy] = []
    places: list[int | None] = []
    for name, version in ((checkpoint.CHECKPOINT, checkpoint.VERSION), (checkpoint.VIEWS_CHECKPOINT, views.VERSION)):
        rows = reader.select(f"SELECT version, position FROM {name}") if reader.has(name) else []  # nosec  # our names
        if len(rows) > 1:
            findings.append(Discrepancy(None, f"{name}: it has {len(rows)} rows, not one: rows were inserted"))
        readable = [int(position) for of, position in rows if of == version and isinstance(position, int)]
        beyond = [position for position in readable if not 0 <= position <= last]
        if beyond:
            findings.append(Discrepancy(None, f"{name}: position {beyond[0]} is not in the log, which ends at {last}"))
        places.append(readable[0] if len(rows) == 1 and readable and not beyond else None)
    return Reached(*places), findings


def compare_rows(table: Table, stored: Reader, derived: Reader) -> list[Discrepancy]:
    """The rows of a table that were altered, inserted or removed."""
    if not stored.has(table.name):
        return [Discrepancy(None, f"{table.name}: the table was removed")]
    try:
        counts: Counter[bytes] = Counter(map(_hash, _rows(table, stored)))
        counts.subtract(map(_hash, _rows(table, derived)))
        more = {key for key, count in counts.items() if count > 0}
        less = {key for key, count in counts.items() if count < 0}
        if not more and not less:
            return []
        return _named(table, _chosen(table, stored, more), _chosen(table, derived, less))
    except TrackerError as error:
        return [Discrepancy(None, f"{table.name}: it cannot be read: {error}")]


def _rows(table: Table, reader: Reader) -> Iterator[Row]:
    columns = [f'CAST("{name}" AS TEXT)' if name == "content" else f'"{name}"' for name in _names(table)]
    sql = f"SELECT {', '.join(columns)} FROM {table.name}"  # nosec  # our own names
    for batch in reader.batches(sql, ROWS_PER_BATCH):
        yield from (tuple(map(_plain, row)) for row in batch)


def _names(table: Table) -> list[str]:
    return [column.name for column in table.c]


def _plain(value: Any) -> Any:
    """A value as both databases give it."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")
    return bytes(value) if isinstance(value, memoryview) else value


def _hash(row: Row) -> bytes:
    return blake2b(repr(row).encode(errors="surrogatepass"), digest_size=16).digest()


def _chosen(table: Table, reader: Reader, hashes: Collection[bytes]) -> list[Row]:
    return list(islice((row for row in _rows(table, reader) if _hash(row) in hashes), MAX_NAMED))


def _named(table: Table, stored: Sequence[Row], derived: Sequence[Row]) -> list[Discrepancy]:
    """The differences in words: rows with one key are one that was altered."""
    names = _names(table)
    numbers = [names.index(column) for column in _KEYS[table]]
    by_key: dict[Row, tuple[list[Row], list[Row]]] = {}
    for side, rows in enumerate((stored, derived)):
        for row in rows:
            by_key.setdefault(tuple(row[number] for number in numbers), ([], []))[side].append(row)
    findings = []
    for key, (is_there, should_be) in by_key.items():
        row = (is_there or should_be)[0]
        where = ", ".join(str(row[names.index(name)]) for name in _LABELS.get(table, _KEYS[table]))
        if is_there and should_be:
            wrong = [name for name, was, now in zip(names, should_be[0], is_there[0], strict=True) if was != now]
            what = f"the row was altered, its {', '.join(wrong)}: the log makes another"
        elif is_there:
            what = "the row was inserted, or stands there too often: the log does not make it"
        else:
            what = "the row was removed: the log makes it"
        position = key[0] if table in (REGISTRY, ANNOUNCEMENTS) and isinstance(key[0], int) else None
        findings.append(Discrepancy(position, f"{table.name}, {where}: {what}"))
    return findings


def compare_columns(stored: Reader, derived: Reader) -> list[Discrepancy]:
    """The columns of assertions: what the stored segments come to, against those of the copy.

    Rows that a later segment replaces decide nothing, and are not compared.
    """
    corrected = {name for (name,) in derived.select(_CORRECTED)}
    try:
        parts = stored.select(_SEGMENT_PARTS)
        found = segments(part[:4] for part in parts)
        mistakes = list(_misfits(parts, found, corrected))
        own, other = merged(found), merged(segments(part[:4] for part in derived.select(_SEGMENT_PARTS)))
        differing = mistakes or _differing(own, other)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError, TrackerError) as error:
        differing = [f"they cannot be read: {error}"]
    return [Discrepancy(None, f"{SEGMENTS.name}: {text}") for text in differing]


_SEGMENT_PARTS = 'SELECT segment, name, type, data, "rows" FROM tracker_segments ORDER BY segment, name'
_CORRECTED = "SELECT id FROM tracker_announcements WHERE version_kind <> 'recorded'"


def _misfits(parts: Sequence[Row], found: Sequence[Segment], corrected: Collection[str]) -> Iterator[str]:
    """Parts of other names, numbers of rows that are not theirs, replacements of nothing: no tracker writes them."""
    numbers = sorted({number for number, *_ in parts})
    if numbers != list(range(1, len(numbers) + 1)):
        yield f"its segments are numbered {numbers}: one was inserted or removed"
        return
    for number, segment in zip(numbers, found, strict=True):
        names = [name for of, name, *_ in parts if of == number]
        expected = sorted({*(packed.name for packed in pack(segment.assertions)), REPLACED})
        if names != expected:
            yield f"segment {number} has the parts {', '.join(names)}, not {', '.join(expected)}"
        if {rows for of, *_, rows in parts if of == number} != {len(segment.assertions)}:
            yield f"the number of rows of segment {number} is not {len(segment.assertions)}: it was altered"
        if not set(segment.replaced) <= set(corrected):
            yield f"segment {number} replaces announcements that were never corrected or retracted"


def _differing(stored: Assertions, derived: Assertions) -> list[str]:
    """The columns that differ, with the first row that does."""
    own, other = _by_name(pack(stored)), _by_name(pack(derived))
    names = [name for name in other if own.get(name) != other[name]]
    if not names:
        return []
    where = _first_difference(stored, derived) if len(stored) == len(derived) else None
    about = f"; first on track {where[0]}, by {where[1]}" if where else ""
    return [f"the column {', '.join(names)} was altered: it is not what the log says{about}"]


def _by_name(packed: Iterable[Packed]) -> dict[str, Packed]:
    return {part.name: part for part in packed}


def _first_difference(stored: Assertions, derived: Assertions) -> tuple[str, str] | None:
    """Track and announcement of the first row that differs."""
    for row in range(len(derived)):
        if stored.row(row) != derived.row(row):
            return derived.tracks[int(derived.track[row])], derived.announced_in(row)
    return None
