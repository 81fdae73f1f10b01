"""Assertions as bytes, one string for each column and pool, to be stored and read back without looking at a row."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple, overload

import numpy as np
from numpy.typing import NDArray

from tracker.timeline.columns import Ranked
from tracker.timeline.merge import REPLACED, Segment
from tracker.timeline.table import Assertions

TEXT = "text"  # the type of a pool: names, one a line, in UTF-8


class Packed(NamedTuple):
    """A column, or a part of one, as bytes."""

    name: str
    type: str  # of numpy, with its byte order; or TEXT
    data: bytes


class Names(Sequence[str]):
    """A pool of names, taken apart when it is first looked at."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._names: tuple[str, ...] | None = None

    @property
    def names(self) -> tuple[str, ...]:
        if self._names is None:
            self._names = tuple(self._data.decode().split("\n")) if self._data else ()
            self._data = b""
        return self._names

    @overload
    def __getitem__(self, at: int) -> str: ...

    @overload
    def __getitem__(self, at: slice) -> tuple[str, ...]: ...

    def __getitem__(self, at: int | slice) -> str | tuple[str, ...]:
        return self.names[at]

    def __len__(self) -> int:
        return len(self.names)

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


def unpack(packed: Iterable[Packed]) -> Assertions:
    """The reverse of `pack`."""
    found: dict[str, object] = {}
    for name, kind, data in packed:
        found[name] = Names(data) if kind == TEXT else np.frombuffer(data, dtype=np.dtype(kind))
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
