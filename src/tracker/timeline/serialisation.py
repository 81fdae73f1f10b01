"""Assertions as bytes, one string for each column and pool: read back whole, or column by column when first used."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple, overload

import numpy as np
from numpy.typing import NDArray

from tracker.model.dates import FOREVER, Instant
from tracker.timeline.assertion_table import Assertions
from tracker.timeline.columns import IntArray, Ranked, Threshold
from tracker.timeline.merge import REPLACED, Segment

TEXT = "text"  # the type of a pool: names, one a line, in UTF-8
SMALL_POOL = 100_000  # bytes of a pool that is decoded at once
MAX_SINGLE_NAMES = 1_000  # names of a large pool that are decoded one by one, before all are

STORED = tuple(field.name for field in fields(Assertions) if field.name != "holds")  # that is for views alone
Read = Callable[[], Any]  # gives a pool or an array, see `unpacked`


class Packed(NamedTuple):
    """A column, or a part of one, as bytes."""

    name: str
    type: str  # of numpy, with its byte order; or TEXT
    data: bytes


class Names(Sequence[str]):
    """A pool of names, decoded when it is first used; a large one when more than a few names are."""

    def __init__(self, data: bytes, *, small: int = SMALL_POOL, single: int = MAX_SINGLE_NAMES) -> None:
        """Args: small: bytes up to which all names are decoded at once; single: names that are decoded one by one."""
        self._held: bytes | tuple[str, ...] = data  # read once in each method: threads share a pool
        self._ends: IntArray | None = None  # where each name ends in the bytes
        self._singly = single if len(data) > small else 0  # names that may still be decoded one by one

    @property
    def names(self) -> tuple[str, ...]:
        held = self._held
        if isinstance(held, bytes):
            held = self._held = tuple(held.decode().split("\n")) if held else ()
            self._ends = None
        return held

    @property
    def decoded(self) -> Sequence[str]:
        """The names as a tuple, once all are decoded: it is searched much faster."""
        held = self._held
        return held if isinstance(held, tuple) else self

    def mentions(self, text: str) -> bool:
        """Whether a text occurs in a name; names that are not needed yet are not decoded."""
        held = self._held
        return text.encode() in held if isinstance(held, bytes) else any(text in name for name in held)

    def _ends_in(self, data: bytes) -> IntArray:
        ends = self._ends
        if ends is None:
            breaks = np.flatnonzero(np.frombuffer(data, dtype=np.uint8) == ord("\n"))
            ends = self._ends = np.append(breaks, len(data))
        return ends

    @overload
    def __getitem__(self, at: int) -> str: ...

    @overload
    def __getitem__(self, at: slice) -> tuple[str, ...]: ...

    def __getitem__(self, at: int | slice) -> str | tuple[str, ...]:
        held = self._held
        if isinstance(held, tuple):
            return held[at]
        if self._singly <= 0 or isinstance(at, slice):
            return self.names[at]
        self._singly -= 1
        ends = self._ends_in(held)
        number = range(len(ends))[at]
        return held[ends[number - 1] + 1 if number else 0 : ends[number]].decode()

    def __len__(self) -> int:
        held = self._held
        if isinstance(held, tuple):
            return len(held)
        return len(self.names) if self._singly <= 0 else len(self._ends_in(held))

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)


def pack(assertions: Assertions) -> Iterable[Packed]:
    """Encode the columns and pools of assertions."""
    for name in STORED:
        column = getattr(assertions, name)
        if isinstance(column, Ranked):
            yield _array(f"{name}.values", column.values)
            yield _array(f"{name}.ranks", column.ranks)
        elif isinstance(column, np.ndarray):
            yield _array(name, column)
        else:
            yield Packed(name, TEXT, "\n".join(column).encode())


def _array(name: str, array: NDArray[np.integer[Any]]) -> Packed:
    little = array.astype(array.dtype.newbyteorder("<"), copy=False)
    return Packed(name, little.dtype.str, little.tobytes())


def unpacked(
    kind: str, data: bytes, *, small: int = SMALL_POOL, single: int = MAX_SINGLE_NAMES
) -> Names | NDArray[Any]:
    """Decode a pool or an array. Args: small, single: see `Names`."""
    return Names(data, small=small, single=single) if kind == TEXT else np.frombuffer(data, dtype=np.dtype(kind))


def unpack(packed: Iterable[Packed]) -> Assertions:
    """The reverse of `pack`."""
    parts = {name: unpacked(kind, data) for name, kind, data in packed}
    return Assertions(**{name: _column(name, parts) for name in STORED})  # type: ignore[arg-type]


def _column(name: str, parts: Mapping[str, Any]) -> object:
    return parts[name] if name in parts else Ranked(parts[f"{name}.values"], parts[f"{name}.ranks"])


def segments(rows: Iterable[tuple[int, str, str, bytes]]) -> list[Segment]:
    """Decode stored segments.

    Args: rows: of each part its segment's number, its name, type and bytes, by segment.
    """
    return [_segment([Packed(*row[1:]) for row in parts]) for _, parts in groupby(rows, key=itemgetter(0))]


def _segment(packed: Sequence[Packed]) -> Segment:
    replaced = next((part.data for part in packed if part.name == REPLACED), b"")
    return Segment(unpack(part for part in packed if part.name != REPLACED), Names(replaced).names)


class _Lazy:
    """Has the fields of the dataclass that it is mixed into, each read when it is first used."""

    def __init__(self, reads: Mapping[str, Read]) -> None:
        vars(self)["_reads"] = reads

    def __getattr__(self, name: str) -> Any:
        """Called for attributes that are not set yet."""
        read = vars(self).get("_reads", {}).get(name)
        if read is None:
            raise AttributeError(name)
        value = vars(self)[name] = read()
        return value


class LazyRanked(_Lazy, Ranked):
    """A column whose ranks are not read where its instants decide a test for all rows alike.

    Args: limit: no row is behind it, so that a test of an instant at or behind it reads nothing.
    """

    def __init__(self, reads: Mapping[str, Read], limit: Instant | None = None) -> None:
        super().__init__(reads)
        vars(self)["_limit"] = limit

    def by(self, at: Instant, *, behind: bool = False) -> Threshold:
        limit: Instant | None = vars(self)["_limit"]
        if limit is None or at < limit:
            return super().by(at, behind=behind)
        return Threshold(FOREVER, behind, all=not behind, none=behind)  # no rank is as high


class LazyAssertions(_Lazy, Assertions):
    """Assertions whose columns and pools are read when they are first used: most queries use few."""

    def take(self, rows: IntArray) -> Assertions:  # type: ignore[override]  # some rows need all columns
        return self._whole.take(rows)

    def of_tracks(self, tracks: IntArray) -> Assertions:  # type: ignore[override]
        return self._whole.of_tracks(tracks)

    @property
    def _whole(self) -> Assertions:
        return Assertions(**{name: getattr(self, name) for name in STORED})


def lazy_segments(rows: Iterable[tuple[int, str, Read]], position: int) -> list[Segment]:
    """Stored segments whose parts are read when they are first used.

    Args: rows: of each part its segment's number, its name, and the function that reads it, by segment;
        position: of the log, behind which nothing in them was recorded.
    Raises: KeyError where a part is missing.
    """
    return [
        _lazy_segment({name: read for _, name, read in parts}, position)
        for _, parts in groupby(rows, key=itemgetter(0))
    ]


def _lazy_segment(reads: Mapping[str, Read], position: int) -> Segment:
    limits = {"recorded_from": position}
    columns = {name: _lazy_column(name, reads, limits.get(name)) for name in STORED}
    return Segment(LazyAssertions(columns), reads[REPLACED]().names if REPLACED in reads else ())


def _lazy_column(name: str, reads: Mapping[str, Read], limit: Instant | None) -> Read:
    if name in reads:
        return reads[name]
    parts = {part: reads[f"{name}.{part}"] for part in ("values", "ranks")}
    return lambda: LazyRanked(parts, limit)
