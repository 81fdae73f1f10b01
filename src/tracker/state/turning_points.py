"""The instants at which an answer about an instant may change, hours aside. Source: design §9."""

from collections.abc import Iterable, Iterator
from datetime import tzinfo

import numpy as np

from tracker.model.dates import Day, Instant, ends
from tracker.timeline.assertion_table import Assertions
from tracker.timeline.assertions import pledge_track
from tracker.timeline.columns import TIMES, distinct

COLUMNS = (*TIMES[:4], "announced_from", "announced_to")


def turning_points(tables: Iterable[Assertions], tz: tzinfo) -> list[Instant]:
    """When a row begins or ends, is announced or given up, and when a pledge falls due: each once, ascending.

    Args: tables: what is known, and all that ever was: what is upcoming is what had been announced, even if it was put
        off or dropped since.
    """
    columns = [np.zeros(0, dtype=np.int64)]
    for table in tables:
        columns += [getattr(table, name).occurring for name in COLUMNS]
        columns.append(np.array([ends(due, None, tz).latest for due in _dues(table)], dtype=np.int64))
    points: list[Instant] = distinct(np.concatenate(columns)).tolist()
    return points


def _dues(assertions: Assertions) -> Iterator[Day]:
    for track, _ in assertions.beginning(pledge_track("")):
        rows = assertions.rows_of(track)
        dues = (getattr(assertions.effect(row), "due", None) for row in range(rows.start, rows.stop))
        yield from (due for due in dues if due is not None)
