"""Several tables of assertions as one: later ones may take announcements of earlier ones back."""

from collections.abc import Collection, Sequence
from dataclasses import fields
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tracker.timeline.columns import IntArray, Ranked, codes, in_order, offsets_of
from tracker.timeline.table import Assertions

REPLACED = "replaced"  # the name under which a segment keeps which announcements it replaces
POOLS = {"announcement": "announcements", "value": "values", "attribution": "attributions"}  # column: its names


class Segment(NamedTuple):
    """Assertions that became known together, and the announcements whose earlier assertions they replace."""

    assertions: Assertions
    replaced: Collection[str] = ()


def merged(segments: Sequence[Segment]) -> Assertions:
    """All that stands of segments, given from the oldest to the newest; names and instants that are left over go."""
    if len(segments) == 1:
        return segments[0].assertions
    parts = _standing(segments)
    tracks, track = _joined([part.tracks for part in parts], [part.track for part in parts])
    found: dict[str, object] = {"tracks": tracks}
    plain: dict[str, IntArray] = {}
    for column, pool in POOLS.items():
        names, numbers = _joined([getattr(part, pool) for part in parts], [getattr(part, column) for part in parts])
        found[pool], plain[column] = names, numbers
    for column in ("effect_number", "version"):
        plain[column] = np.concatenate([getattr(part, column) for part in parts]).astype(np.int64)
    ranked = {
        each.name: _ranked([getattr(part, each.name) for part in parts])
        for each in fields(Assertions)
        if isinstance(getattr(parts[0], each.name), Ranked)
    }
    keys = (ranked["order"].ranks, plain["announcement"], plain["effect_number"], plain["version"])
    place = in_order(track, keys)
    found |= {name: column.take(place) for name, column in ranked.items()}
    found |= {name: codes(column[place]) for name, column in plain.items()}
    return Assertions(offsets=offsets_of(track, len(tracks)), **found)  # type: ignore[arg-type]


def _standing(segments: Sequence[Segment]) -> list[Assertions]:
    """The assertions of each segment that no later one replaces."""
    replaced: set[str] = set()
    standing: list[Assertions] = []
    for segment in reversed(segments):
        part = segment.assertions
        if replaced:
            stands = np.array([name not in replaced for name in part.announcements], dtype=np.bool_)
            part = part.take(np.flatnonzero(stands[part.announcement]))
        standing.insert(0, part)
        replaced.update(segment.replaced)
    return standing


def _joined(
    pools: Sequence[Sequence[str]], columns: Sequence[NDArray[np.unsignedinteger]]
) -> tuple[tuple[str, ...], IntArray]:
    """One sorted pool of the names in use, and the columns with their numbers in it."""
    used = [np.unique(column).tolist() for column in columns]
    names = tuple(sorted({pool[each] for pool, some in zip(pools, used, strict=True) for each in some}))
    number = {name: each for each, name in enumerate(names)}
    numbers = []
    for pool, some, column in zip(pools, used, columns, strict=True):
        own = np.zeros(len(pool), dtype=np.int64)
        own[some] = [number[pool[each]] for each in some]
        numbers.append(own[column])
    return names, np.concatenate(numbers)


def _ranked(columns: Sequence[Ranked]) -> Ranked:
    used = [column.values[np.unique(column.ranks)] for column in columns]
    values = np.unique(np.concatenate(used))
    ranks = [np.searchsorted(values, column.values)[column.ranks] for column in columns]
    return Ranked(values, codes(np.concatenate(ranks)))
