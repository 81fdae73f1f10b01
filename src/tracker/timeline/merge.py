"""Several tables of assertions as one: later ones may replace announcements of earlier ones.

As a rule one table is large and the others are small: for names and rows of the large one, only array operations run.
"""

from bisect import bisect_left
from collections.abc import Collection, Sequence
from dataclasses import fields
from itertools import compress
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tracker.model.dates import FOREVER
from tracker.timeline.assertion_table import Assertions
from tracker.timeline.columns import BoolArray, IntArray, Ranked, codes, in_order, offsets_of

REPLACED = "replaced"  # the name under which a segment keeps which announcements it replaces
POOLS = {"announcement": "announcements", "value": "values", "attribution": "attributions"}  # column: its names
ORDER = ("order", "place", "announcement", "effect_number", "version")  # within a track

Codes = NDArray[np.unsignedinteger]


class Segment(NamedTuple):
    """Assertions that became known together, and the announcements whose earlier assertions they replace."""

    assertions: Assertions
    replaced: Collection[str] = ()


def merged(segments: Sequence[Segment]) -> Assertions:
    """All assertions of segments that no later one replaces; names and instants without a row go.

    Args: segments: from the oldest to the newest.
    """
    if not segments:
        return Assertions.empty()
    if len(segments) == 1:
        return segments[0].assertions
    parts = sorted(_standing(segments), key=len, reverse=True)  # the largest first; the order of §5 is in the columns
    tracks, track = _joined([part.tracks for part in parts], [part.track for part in parts])
    table: dict[str, object] = {"tracks": tracks}
    plain: dict[str, IntArray] = {}
    for column, pool in POOLS.items():
        names, numbers = _joined([getattr(part, pool) for part in parts], [getattr(part, column) for part in parts])
        table[pool], plain[column] = names, numbers
    for column in ("place", "effect_number", "version"):
        plain[column] = np.concatenate([getattr(part, column) for part in parts]).astype(np.int64)
    ranked = {
        field.name: _ranked([getattr(part, field.name) for part in parts])
        for field in fields(Assertions)
        if isinstance(getattr(parts[0], field.name), Ranked)
    }
    keys: list[IntArray | Codes] = [ranked["order"].ranks, *(plain[name] for name in ORDER[1:])]
    place = _woven(track, len(parts[0]), len(tracks), keys)
    table |= {name: column.take(place) for name, column in ranked.items()}
    table |= {name: codes(column[place]) for name, column in plain.items()}
    return Assertions(offsets=offsets_of(track, len(tracks)), **table)  # type: ignore[arg-type]


def _standing(segments: Sequence[Segment]) -> list[Assertions]:
    """The assertions of each segment that no later one replaces."""
    replaced: set[str] = set()
    standing: list[Assertions] = []
    for segment in reversed(segments):
        part = segment.assertions
        gone = [number for name in replaced if (number := _number(part.announcements, name)) >= 0]
        if gone:
            stands = np.ones(len(part.announcements), dtype=np.bool_)
            stands[gone] = False
            part = part.take(np.flatnonzero(stands[part.announcement]))
        standing.insert(0, part)
        replaced.update(segment.replaced)
    return standing


def _number(names: Sequence[str], name: str) -> int:
    at = bisect_left(names, name)
    return at if at < len(names) and names[at] == name else -1


def _joined(pools: Sequence[Sequence[str]], columns: Sequence[Codes]) -> tuple[tuple[str, ...], IntArray]:
    """One sorted pool of the names in use, and the columns with their numbers in it."""
    names, first = _used(pools[0], columns[0])
    numbers = [first]
    for pool, column in zip(pools[1:], columns[1:], strict=True):
        own, number = _used(pool, column)
        before = [bisect_left(names, name) for name in own]
        new = [at == len(names) or names[at] != name for at, name in zip(before, own, strict=True)]
        into = np.array(list(compress(before, new)), dtype=np.int64)  # where names come in between
        number = (np.array(before, dtype=np.int64) + np.cumsum([0, *new[:-1]]))[number] if own else number
        if len(into):
            numbers = [column + np.searchsorted(into, column, side="right") for column in numbers]
        numbers.append(number)
        names = _inserted(names, into.tolist(), list(compress(own, new)))
    return names, np.concatenate(numbers)


def _inserted(names: tuple[str, ...], into: Sequence[int], new: Sequence[str]) -> tuple[str, ...]:
    if not new:
        return names
    joined: list[str] = []
    last = 0
    for at, name in zip(into, new, strict=True):
        joined += names[last:at]
        joined.append(name)
        last = at
    return (*joined, *names[last:])


def _used(names: Sequence[str], column: Codes) -> tuple[tuple[str, ...], IntArray]:
    """The names that occur, and a column's numbers among those."""
    occurs: BoolArray = np.bincount(column, minlength=len(names)) > 0
    if occurs.all():
        return tuple(names), column.astype(np.int64)
    return tuple(compress(names, occurs.tolist())), (np.cumsum(occurs) - 1)[column]


def _ranked(columns: Sequence[Ranked]) -> Ranked:
    """Join columns of instants into one. The first is the longest: the values of the others are inserted in it."""
    values = columns[0].occurring
    for column in columns[1:]:
        own = column.occurring
        before = np.searchsorted(values, own)
        new = np.append(values, FOREVER + 1)[before] != own
        values = np.insert(values, before[new], own[new])
    ranks = [np.searchsorted(values, column.values)[column.ranks] for column in columns]
    return Ranked(values, codes(np.concatenate(ranks)))


def _woven(track: IntArray, sorted_rows: int, tracks: int, order: Sequence[IntArray | Codes]) -> IntArray:
    """The permutation that sorts rows. The first `sorted_rows` are sorted: tracks with none of the others stay."""
    rows = np.arange(len(track))
    touched = np.zeros(tracks, dtype=np.bool_)
    touched[track[sorted_rows:]] = True
    moving = touched[track]
    offsets = offsets_of(track, tracks)
    added = np.concatenate(([0], np.cumsum(np.bincount(track[sorted_rows:], minlength=tracks))))
    place = np.empty(len(track), dtype=np.int64)
    still = rows[:sorted_rows][~moving[:sorted_rows]]
    place[still + added[track[still]]] = still
    slots = np.repeat(touched, np.diff(offsets))
    chosen = rows[moving]
    place[slots] = chosen[in_order(track[chosen], [key[chosen] for key in order])]
    return place
