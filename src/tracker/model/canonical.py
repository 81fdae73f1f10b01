"""Canonical JSON (RFC 8785): the bytes that are hashed and stored.

msgspec writes the bytes that RFC 8785 asks for, except for numbers with a fraction, keys outside ASCII (which it sorts
otherwise) and values that have no canonical form. Those parts are written by rfc8785 and inserted as raw JSON.
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

_MAX_SAFE_INTEGER = 2**53 - 1  # larger integers change when read as a float
_encode = msgspec.json.Encoder(order="sorted").encode


class NotCanonical(ValueError):
    """A value has no canonical JSON, such as NaN, a lone surrogate, or a key that is not text."""


class Written(NamedTuple):
    """A model as canonical JSON."""

    whole: bytes  # to be stored: without fields that are None
    bare: bytes  # to be hashed: also without fields that hold their empty default


def canonical_json(value: Any) -> bytes:
    """The canonical JSON of plain values; of models among them without fields that are None.

    Raises: NotCanonical.
    """
    return _encoded(_prepared(value))


def written(content: BaseModel) -> Written:
    """A model as canonical JSON, whole and bare, in one pass over it.

    Raises: NotCanonical.
    """
    return Written(*map(_encoded, _whole_and_bare(content)))


def _encoded(ready: Any) -> bytes:
    try:
        return _encode(ready)
    except UnicodeEncodeError as error:
        raise NotCanonical("half a character: a lone surrogate") from error


def _by_rfc8785(value: Any) -> msgspec.Raw:
    try:
        return msgspec.Raw(rfc8785.dumps(value))
    except (rfc8785.CanonicalizationError, UnicodeError) as error:
        raise NotCanonical(str(error)) from error


def _prepared(value: Any) -> Any:
    """A value in the form that msgspec encodes canonically."""
    kind = type(value)
    return value if kind is str or value is None else _PREPARERS[kind](value)


def _whole_and_bare(content: BaseModel) -> tuple[dict[str, Any], dict[str, Any]]:
    """A model in the form that msgspec encodes canonically, whole and bare."""
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
            elif _PREPARERS[type(value[0])] is _of_model:
                whole[key], bare[key] = zip(*map(_whole_and_bare, value), strict=True)
            else:
                whole[key] = bare[key] = _of_items(value)
        elif value is False and default_is_false:
            whole[key] = value
        elif (prepare := _PREPARERS[kind]) is _of_model:
            whole[key], bare[key] = _whole_and_bare(value)
        else:
            whole[key] = bare[key] = prepare(value)
    return whole, bare


@cache
def _fields(model: type[BaseModel]) -> tuple[tuple[str, str, bool], ...]:
    """For each field its name, its key in JSON, and whether its default is false."""
    fields = model.model_fields.items()
    return tuple((name, field.alias or name, field.default is False) for name, field in fields)


def _of_model(content: BaseModel) -> Any:
    return _whole_and_bare(content)[0]


def _of_table(table: dict[Any, Any]) -> Any:
    keys_are_plain = all(type(key) is str and key.isascii() for key in table)
    return {key: _prepared(value) for key, value in table.items()} if keys_are_plain else _by_rfc8785(table)


def _of_items(items: list[Any] | tuple[Any, ...]) -> Any:
    return [_prepared(item) for item in items]


def _of_integer(value: int) -> Any:
    return value if -_MAX_SAFE_INTEGER <= value <= _MAX_SAFE_INTEGER else _by_rfc8785(value)


def _unchanged(value: Any) -> Any:
    return value


_Preparer = Callable[[Any], Any]

_BY_BASE: tuple[tuple[type, _Preparer], ...] = (
    (BaseModel, _of_model),
    (Day, attrgetter("text")),
    (datetime, datetime.isoformat),
    (Enum, _unchanged),  # msgspec writes its value
    (list, _of_items),
    (tuple, _of_items),
    (dict, _of_table),
    (bool, _unchanged),
    (int, _of_integer),
)


class _Preparers(dict[type, _Preparer]):
    """For each type, the function that prepares its values for msgspec."""

    def __missing__(self, kind: type) -> _Preparer:
        self[kind] = prepare = next((prepare for base, prepare in _BY_BASE if issubclass(kind, base)), _by_rfc8785)
        return prepare


_PREPARERS = _Preparers()
