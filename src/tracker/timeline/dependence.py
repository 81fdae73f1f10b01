"""The tracks on which an assertion depends on others, and the measures from which exemptions are. Source: design §5."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable
from functools import lru_cache

import numpy as np

from tracker.model.dates import FOREVER
from tracker.model.effects import names_of
from tracker.timeline.assertion_table import Assertions, split_value
from tracker.timeline.assertions import PENDING, exemption_track, measure_track
from tracker.timeline.columns import BoolArray, CodeArray, distinct

IN_FORCE = ("impose", "extend", "permit", "exempt")


def affected(assertions: Assertions, moved: Iterable[str]) -> tuple[set[str], list[int]]:
    """The tracks on which an assertion depends on others, with those on which these stand.

    Returns: their names, and the numbers of further tracks, of extensions on a measure that nothing else is said of:
    they assert nothing.
    """
    idle = _idle(assertions)
    names = {name for track, name in assertions.beginning(PENDING) if track not in idle}
    names |= {assertions.tracks[track] for name in moved for track in assertions.tracks_by(name)}
    for _, name in assertions.beginning(PENDING + "of:"):
        announcement, _, number = name.removeprefix(PENDING + "of:").partition("#")
        if number:
            names |= {assertions.tracks[track] for track in assertions.tracks_by(announcement)}
        else:
            names |= {f"pledge:{announcement}", exemption_track(announcement)}
            names |= {track for _, track in assertions.beginning(exemption_track(announcement) + ":")}
    names |= {name.removeprefix(PENDING) for name in names}
    waiting = [track for track, _ in assertions.beginning(PENDING + exemption_track(""))]  # a lifting ends these, too
    for track in (*waiting, *_depending(assertions, names)):
        name = assertions.tracks[track].removeprefix(PENDING)
        measures = measures_of(assertions, track, name)
        names.update((name, PENDING + name, *(pre + measure_track(one) for one in measures for pre in ("", PENDING))))
    numbers = {name: assertions.number(name) for name in names}
    return {name for name, number in numbers.items() if number >= 0 and number not in idle}, sorted(idle)


def _idle(assertions: Assertions) -> set[int]:
    """The tracks of pending extensions of a measure on which there is nothing to prolong."""
    first, last = _range(assertions, PENDING + measure_track(""))
    rows = slice(int(assertions.offsets[first]), int(assertions.offsets[last]))
    extends = _of_kind(assertions, assertions.value[rows], ("extend",))
    others = set(assertions.track[rows][~extends].tolist())
    return {
        track
        for track in range(first, last)
        if track not in others and assertions.number(assertions.tracks[track].removeprefix(PENDING)) < 0
    }


def _depending(assertions: Assertions, names: Collection[str]) -> list[int]:
    """The tracks of exemptions that others may change: those that are named, or from a measure that may end.

    Args: names: of tracks that are changed by others, without their `pending:`.
    """
    first, last = _range(assertions, exemption_track(""))
    if first == last:
        return []
    columns, start = assertions, int(assertions.offsets[first])
    rows = slice(start, int(assertions.offsets[last]))
    lasting = columns.ends_latest.instants >= FOREVER
    lifts = _of_kind(columns, columns.value, ("lift",)) & lasting
    ends = _of_kind(columns, columns.value, IN_FORCE) & ~lasting
    ending = {columns.tracks[track] for track in distinct(columns.track[lifts | ends]).tolist()}
    values, places = np.unique(columns.value[rows], return_inverse=True)
    measures = [_only_measure(columns.values[value]) for value in values.tolist()]
    stable = [measure is not None and _is_stable(measure_track(measure), ending, names) for measure in measures]
    number = {measure: number for number, measure in enumerate(dict.fromkeys(measures))}
    code = np.array([number[measure] for measure in measures], dtype=np.int64)[places]
    track = columns.track[rows]
    again = (track[1:] == track[:-1]) & (code[1:] != code[:-1])
    unstable = ~np.array(stable, dtype=np.bool_)[places]
    changing = set(track[unstable].tolist()) | set(track[1:][again].tolist())
    own = {number: columns.tracks[number] for number in range(first, last) if columns.has_rows(number)}
    split = {name for name in own.values() if name.count(":") > 1}  # by measure; a word on the whole is one on each
    settling = {*names, *split, *(name.rpartition(":")[0] for name in split)}
    return [number for number, name in own.items() if number in changing or name in settling]


def _is_stable(track: str, ending: Collection[str], names: Collection[str]) -> bool:
    """Whether no statement ends the exemptions from a measure. Args: track: of the measure."""
    return track not in ending and track not in names


def _only_measure(value: str) -> str | None:
    """The measure from which a value exempts, where it is written as one."""
    kind, content = split_value(value)
    measure = content.get("measure")
    return measure if kind == "exempt" and isinstance(measure, str) else None


def _of_kind(assertions: Assertions, values: CodeArray, kinds: Collection[str]) -> BoolArray:
    """Which of some rows' values are of one of some types of effect."""
    return np.array([value.partition("{")[0] in kinds for value in assertions.values], dtype=np.bool_)[values]


def _range(assertions: Assertions, prefix: str) -> tuple[int, int]:
    """The first of the tracks whose names begin with a prefix, and the first after them."""
    after = prefix[:-1] + chr(ord(prefix[-1]) + 1)
    return bisect_left(assertions.tracks, prefix), bisect_left(assertions.tracks, after)


def measures_of(assertions: Assertions, track: int, name: str) -> set[str]:
    """The measures from which the exemption of a track is one."""
    rows = assertions.rows_of(track)
    values = {int(value) for value in assertions.value[rows].tolist()}
    return {one for value in values for one in exempted_from(name, assertions.values[value])}


def exempted_from(track: str, value: str) -> tuple[str, ...]:
    """The measures from which a value on an exemption's track exempts; none where it exempts from nothing."""
    measures = _named_in(value)
    return measures if len(measures) < 2 else (track.rpartition(":")[2],)


@lru_cache(maxsize=65_536)
def _named_in(value: str) -> tuple[str, ...]:
    """The measures that an exemption's value names."""
    kind, content = split_value(value)
    return names_of(content["measure"]) if kind == "exempt" else ()


def exemptions_in(assertions: Assertions) -> dict[str, tuple[int, ...]]:
    """By measure, the tracks of the exemptions from it."""
    tracks: dict[str, dict[int, None]] = defaultdict(dict)
    first, last = _range(assertions, exemption_track(""))
    rows = slice(int(assertions.offsets[first]), int(assertions.offsets[last]))
    for track, value in zip(assertions.track[rows].tolist(), assertions.value[rows].tolist(), strict=True):
        for measure in exempted_from(assertions.tracks[track], assertions.values[value]):
            tracks[measure][track] = None
    return {measure: tuple(own) for measure, own in tracks.items()}
