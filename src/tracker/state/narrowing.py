"""The tracks on which some statement is for a class only, or for some hours; found once for a view."""

from collections.abc import Callable, Hashable

import numpy as np

from tracker.state.record import View
from tracker.timeline.columns import BoolArray, Hold, distinct

ONLY = '"only":'  # of the classes that an effect is for, in a value


def says_of_some(view: View, track: int) -> bool:
    """Whether an effect on a track is for some class only."""
    return track in _tracks(view, says_of_some, _of_some)


def holds_in_part(view: View, track: int) -> bool:
    """Whether some row of a track holds at some hours only."""
    return track in _tracks(view, holds_in_part, _in_part)


def _tracks(view: View, key: Hashable, rows: Callable[[View], BoolArray | None]) -> frozenset[int]:
    tracks = view.memo.get(key)
    if tracks is None:
        some = rows(view)
        found = () if some is None else distinct(view.assertions.track[some]).tolist()
        tracks = view.memo[key] = frozenset(found)
    assert isinstance(tracks, frozenset)
    return tracks


def _in_part(view: View) -> BoolArray | None:
    holds = view.assertions.holds
    return None if holds is None else holds == Hold.IN_PART


def _of_some(view: View) -> BoolArray | None:
    table = view.assertions
    values, rows = np.unique(table.value, return_index=True)
    pairs = zip(values.tolist(), rows.tolist(), strict=True)
    saying = [(value, row) for value, row in pairs if ONLY in table.values[value]]
    narrowed = [value for value, row in saying if getattr(table.effect(row), "only", None)]
    return np.isin(table.value, narrowed) if narrowed else None
