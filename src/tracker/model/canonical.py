"""Canonical JSON (RFC 8785): the bytes that are hashed and stored, for ever.

msgspec writes the bytes that RFC 8785 asks for, but for numbers with a fraction, keys outside ASCII (another order),
and what has no canonical form at all. Those parts go through rfc8785, and into the rest as they come.
"""

from collections.abc import Callable
from datetime import datetime
from enum import Enum
from functools import cache
from operator import attrgetter
from typing import Any, NamedTuple

import msgspec
import rfc8785
from pydantic import BaseModel

from tracker.model.dates import Day

_LARGEST = 2**53 - 1  # a larger integer is another one once it has been a float
_encode = msgspec.json.Encoder(order="sorted").encode


class NotCanonical(ValueError):
    """Something has no canonical JSON: a number that is none, half a character, a key that is no text."""


class Written(NamedTuple):
    """A model as canonical JSON."""

    whole: bytes  # without what is None: what is stored
    bare: bytes  # and without fields that hold their empty default: what is hashed


def canonical_json(value: Any) -> bytes:
    """The canonical JSON of plain values; models among them without what is None.

    Raises: NotCanonical.
    """
    return _written(_ready(value))


def written(content: BaseModel) -> Written:
    """Both ways of writing a model, in one go over it.

    Raises: NotCanonical.
    """
    return Written(*map(_written, _both(content)))


def _written(ready: Any) -> bytes:
    try:
        return _encode(ready)
    except UnicodeEncodeError as error:
        raise NotCanonical("half a character: a lone surrogate") from error


def _exactly(value: Any) -> msgspec.Raw:
    try:
        return msgspec.Raw(rfc8785.dumps(value))
    except (rfc8785.CanonicalizationError, UnicodeError) as error:
        raise NotCanonical(str(error)) from error


def _ready(value: Any) -> Any:
    """A value as msgspec is to write it."""
    kind = type(value)
    return value if kind is str or value is None else _WAYS[kind](value)


def _both(content: BaseModel) -> tuple[dict[str, Any], dict[str, Any]]:
    """A model as msgspec is to write it, whole and bare."""
    whole: dict[str, Any] = {}
    bare: dict[str, Any] = {}
    values = vars(content)
    for name, key, default_is_false in _fields(type(content)):
        value = values[name]
        if value is None:
            continue
        kind = type(value)
        if kind is str:
            whole[key] = bare[key] = value
        elif kind is tuple:
            if not value:
                whole[key] = value
            elif _WAYS[type(value[0])] is _of_model:
                whole[key], bare[key] = zip(*map(_both, value), strict=True)
            else:
                whole[key] = bare[key] = _of_items(value)
        elif value is False and default_is_false:
            whole[key] = value
        elif (way := _WAYS[kind]) is _of_model:
            whole[key], bare[key] = _both(value)
        else:
            whole[key] = bare[key] = way(value)
    return whole, bare


@cache
def _fields(model: type[BaseModel]) -> tuple[tuple[str, str, bool], ...]:
    """Name, key in JSON, and whether it is false by default."""
    fields = model.model_fields.items()
    return tuple((name, field.alias or name, field.default is False) for name, field in fields)


def _of_model(content: BaseModel) -> Any:
    return _both(content)[0]


def _of_table(table: dict[Any, Any]) -> Any:
    keys_are_plain = all(type(key) is str and key.isascii() for key in table)
    return {key: _ready(value) for key, value in table.items()} if keys_are_plain else _exactly(table)


def _of_items(items: list[Any] | tuple[Any, ...]) -> Any:
    return [_ready(item) for item in items]


def _of_integer(value: int) -> Any:
    return value if -_LARGEST <= value <= _LARGEST else _exactly(value)


def _as_it_is(value: Any) -> Any:
    return value


_Way = Callable[[Any], Any]

_BY_BASE: tuple[tuple[type, _Way], ...] = (
    (BaseModel, _of_model),
    (Day, attrgetter("text")),
    (datetime, datetime.isoformat),
    (Enum, _as_it_is),  # msgspec writes its value
    (list, _of_items),
    (tuple, _of_items),
    (dict, _of_table),
    (bool, _as_it_is),
    (int, _of_integer),
)


class _Ways(dict[type, _Way]):
    """How values of each type are made ready for msgspec."""

    def __missing__(self, kind: type) -> _Way:
        self[kind] = way = next((way for base, way in _BY_BASE if issubclass(kind, base)), _exactly)
        return way


_WAYS = _Ways()
