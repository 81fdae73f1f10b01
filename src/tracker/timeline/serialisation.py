"""Assertions as bytes, one string for each column and pool, to be stored and read back without looking at a row."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple, overload

import numpy as np
from numpy.typing import NDArray

from tracker.timeline.assertion_table import Assertions
from tracker.timeline.columns import IntArray, Ranked
from tracker.timeline.merge import REPLACED, Segment

TEXT = "text"  # the type of a pool: names, one a line, in UTF-8
LITTLE = 100_000  # bytes of a pool that are taken apart at once
FEW = 1_000  # names that are sooner looked for than all of a large pool are made


class Packed(NamedTuple):
    """A column, or a part of one, as bytes."""

    name: str
    type: str  # of numpy, with its byte order; or TEXT
    data: bytes


class Names(Sequence[str]):
    """A pool of names, taken apart when it is first looked at; a large one when more than a few are asked for."""

    def __init__(self, data: bytes) -> None:
        self._held: bytes | tuple[str, ...] = data  # read once in each method: threads share a pool
        self._ends: IntArray | None = None  # where each name ends in the bytes
        self._singly = FEW if len(data) > LITTLE else 0  # so many more are read by themselves

    @property
    def names(self) -> tuple[str, ...]:
        held = self._held
        if isinstance(held, bytes):
            held = self._held = tuple(held.decode().split("\n")) if held else ()
            self._ends = None
        return held

    def _ends_in(self, data: bytes) -> IntArray:
        found = self._ends
        if found is None:
            breaks = np.flatnonzero(np.frombuffer(data, dtype=np.uint8) == ord("\n"))
            found = self._ends = np.append(breaks, len(data))
        return found

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
    """The columns and pools of assertions."""
    for each in fields(assertions):
        column = getattr(assertions, each.name)
        if isinstance(column, Ranked):
            yield _array(f"{each.name}.values", column.values)
            yield _array(f"{each.name}.ranks", column.ranks)
        elif isinstance(column, np.ndarray):
            yield _array(each.name, column)
        else:
            yield Packed(each.name, TEXT, "\n".join(column).encode())


def _array(name: str, array: NDArray[np.integer[Any]]) -> Packed:
    little = array.astype(array.dtype.newbyteorder("<"), copy=False)
    return Packed(name, little.dtype.str, little.tobytes())


def unpacked(kind: str, data: bytes) -> Names | NDArray[Any]:
    """What the bytes of one type are."""
    return Names(data) if kind == TEXT else np.frombuffer(data, dtype=np.dtype(kind))


def unpack(packed: Iterable[Packed]) -> Assertions:
    """The reverse of `pack`."""
    found = {name: unpacked(kind, data) for name, kind, data in packed}
    return Assertions(**{each.name: _column(each.name, found) for each in fields(Assertions)})  # type: ignore[arg-type]


def _column(name: str, found: Mapping[str, Any]) -> object:
    return found[name] if name in found else Ranked(found[f"{name}.values"], found[f"{name}.ranks"])


def segments(rows: Iterable[tuple[int, str, str, bytes]]) -> list[Segment]:
    """Segments as they were stored: rows of their number, and of a column's name, type and bytes; in order."""
    return [_segment([Packed(*row[1:]) for row in some]) for _, some in groupby(rows, key=itemgetter(0))]


def _segment(packed: Sequence[Packed]) -> Segment:
    replaced = next((each.data for each in packed if each.name == REPLACED), b"")
    columns = (each for each in packed if each.name != REPLACED)
    return Segment(unpack(columns), Names(replaced).names)
