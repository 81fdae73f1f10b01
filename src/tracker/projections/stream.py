"""Assertions track by track, each track's in the order of §5, for exports that must not hold them all."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from tracker.model.dates import Instant, instant
from tracker.projections.checkpoint import READ_CHECKPOINT
from tracker.projections.connections import reading
from tracker.projections.rows import value_of
from tracker.state.record import Record
from tracker.store.url import parse_address
from tracker.timeline.assertions import Assertion

Rows = Sequence[Sequence[Any]]

BATCH = 65_536
_ASSERTIONS = """
    SELECT track, order_instant, announcement, effect, value,
           valid_from_earliest, valid_from_latest, valid_to_earliest, valid_to_latest,
           announced_from, announced_to, recorded_from, recorded_to
    FROM tracker_assertions
    ORDER BY track, order_instant, announcement, effect, version, number
"""
_LOG = "SELECT position, recorded_at FROM event_log WHERE position <= {:d} ORDER BY position"
_DATASET = "SELECT CAST(content AS TEXT) FROM tracker_registry WHERE kind = 'dataset' ORDER BY position DESC LIMIT 1"


class Stream(NamedTuple):
    """The assertions of a record, to be read once, in batches."""

    batches: Iterator[Rows]  # track, order, announcement, effect, value, edges of validity, edges of knowledge
    log: Iterator[tuple[int, Instant]]  # when each position was recorded
    timezone: str
    position: int


@contextmanager
def stream_of_store(url: str) -> Iterator[Stream]:
    """One state of a store's tables, which must be up to date: see `refresh`.

    Raises: StoreUnavailable, StoreBusy, BadRequest.
    """
    with reading(parse_address(url)) as reader:
        position = reader.select(READ_CHECKPOINT)[0][1]
        timezone = json.loads(reader.select(_DATASET)[0][0])["timezone"]
        log = (row for rows in reader.batches(_LOG.format(position), BATCH) for row in rows)
        yield Stream(reader.batches(_ASSERTIONS, BATCH), log, timezone, position)


def stream_of_record(record: Record) -> Stream:
    """The same of a record in memory."""
    rows = record.assertions  # by track already
    batches = (
        [_row(rows.row(row)) for row in range(start, min(start + BATCH, len(rows)))]
        for start in range(0, len(rows), BATCH)
    )
    versions = (version for history in record.announcements.values() for version in history)
    log = sorted({(version.position, instant(version.recorded_at)) for version in versions})
    return Stream(batches, iter(log), record.view.registry.dataset.timezone, record.position)


def _row(row: Assertion) -> Sequence[Any]:
    return (row.track, row.order, row.announcement, row.index, value_of(row.effect), *row.begins, *row.ends, *row.span)
