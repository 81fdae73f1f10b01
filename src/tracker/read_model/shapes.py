"""Stored announcements without pydantic: msgspec reads many at once, as far as tables and columns need them.

The shapes are made from the models, and are as strict about what is there: a key that is missing or not known, or a
word that is not in a vocabulary, makes an announcement go the general way, which says what is wrong with it.
"""

from collections.abc import Callable, Sequence
from enum import Enum
from functools import reduce
from operator import or_
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import msgspec
from pydantic import BaseModel

from tracker.model.announcement import Announcement, Relation, Source, Speaker
from tracker.model.effects import AnyEffect, Period


class State(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """An `AnnouncementRecorded` as it is stored."""

    announcement: msgspec.Raw
    digest: str
    recorded_at: str
    type: Literal["AnnouncementRecorded"]
    schema: int
    recorded_by: str | None = None
    approved_by: str | None = None


def _shape(model: type[BaseModel], **of_parts: Any) -> type[msgspec.Struct]:
    """A struct with the fields of a model; what may be None may be missing, nothing else.

    Args: of_parts: types of fields that are not to be made from the model's.
    """
    renamed = {name: field.alias for name, field in model.model_fields.items() if field.alias}
    fields: list[Any] = []
    tag = None
    for name, field in model.model_fields.items():
        if name == "type" and get_origin(field.annotation) is Literal:
            tag = field.default
            continue
        kind = of_parts.get(name) or _type(field.annotation)
        fields.append((name, kind | None, None) if field.default is None else (name, kind))
    return msgspec.defstruct(
        model.__name__, fields, rename=renamed, kw_only=True, forbid_unknown_fields=True, gc=False,
        tag_field="type" if tag else None, tag=tag,
    )  # fmt: skip


def _type(annotation: Any) -> Any:
    """What a field is in JSON; dates are text."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin in (Union, UnionType):
        [annotation] = [each for each in arguments if each is not NoneType]
        return _type(annotation)
    if origin is Annotated:
        return _type(arguments[0])
    if origin is tuple:
        item: Any = _type(arguments[0])
        return tuple[item, ...]
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        words: Any = tuple(each.value for each in annotation)
        return Literal[words]
    return annotation if annotation in (int, float, bool, str) else str


SPEAKER, SOURCE, RELATION = _shape(Speaker), _shape(Source), _shape(Relation)
ANNOUNCEMENT = _shape(
    Announcement,
    by=tuple[SPEAKER, ...],  # type: ignore[valid-type]
    source=tuple[SOURCE, ...],  # type: ignore[valid-type]
    effect=tuple[msgspec.Raw, ...],
    relation=tuple[RELATION, ...],  # type: ignore[valid-type]
)
EFFECTS = tuple(_shape(model) for model in get_args(get_args(AnyEffect)[0]))
PERIODS = frozenset(model.__name__ for model in get_args(get_args(AnyEffect)[0]) if issubclass(model, Period))

_ANY_EFFECT: Any = reduce(or_, EFFECTS)

_states = msgspec.json.Decoder(list[State]).decode
_announcements: Callable[[bytes], list[Any]] = msgspec.json.Decoder(list[ANNOUNCEMENT]).decode  # type: ignore[valid-type]
_effects: Callable[[bytes], list[Any]] = msgspec.json.Decoder(list[_ANY_EFFECT]).decode


def read_states(states: Sequence[bytes]) -> list[State]:
    """Raises: msgspec.DecodeError, for any of them."""
    return _states(_array(states))


def read_announcements(states: Sequence[State]) -> list[Any]:
    """Raises: msgspec.DecodeError, for any of them."""
    return _announcements(_array([state.announcement for state in states]))


def read_effects(effects: Sequence[msgspec.Raw]) -> list[Any]:
    """Raises: msgspec.DecodeError, for any of them."""
    return _effects(_array(effects))


def _array(parts: Sequence[bytes | msgspec.Raw]) -> bytes:
    return b"[" + b",".join(parts) + b"]"
