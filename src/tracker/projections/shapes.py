"""Stored events without pydantic: msgspec reads many at once, as far as tables and columns need them.

The shapes are made from the models, and are as strict about what they read: a key that is missing or not known, or a
word that is not in a vocabulary, makes an event go the general way, which says what is wrong with it. What nothing here
needs, summaries and sources above all, is passed over: whether the log is as it was recorded, `tracker audit` knows.
"""

from collections.abc import Callable, Sequence
from enum import Enum
from functools import cache, reduce
from operator import or_
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import msgspec
from pydantic import BaseModel

from tracker.model.announcement import Announcement
from tracker.model.effects import EFFECTS, Period
from tracker.model.registry import AnySubject

_PLAIN = (int, float, bool, str, dict[str, str])


@cache
def _shape(model: type[BaseModel]) -> type[msgspec.Struct]:
    """A struct with the fields of a model; what may be None may be missing, nothing else."""
    renamed = {name: field.alias for name, field in model.model_fields.items() if field.alias}
    fields: list[Any] = []
    tag = None
    for name, field in model.model_fields.items():
        if name == "type" and get_origin(field.annotation) is Literal:
            tag = field.default.value if isinstance(field.default, Enum) else field.default
            continue
        kind = _type(field.annotation)
        fields.append((name, kind | None, None) if field.default is None else (name, kind))
    return msgspec.defstruct(
        model.__name__, fields, rename=renamed, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, gc=False,
        tag_field="type" if tag else None, tag=tag,
    )  # fmt: skip


def _type(annotation: Any) -> Any:
    """What a field is in JSON; dates are text."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin in (Union, UnionType):
        return reduce(or_, [_type(each) for each in arguments if each is not NoneType])
    if origin is Annotated:
        return _type(arguments[0])
    if origin is tuple:
        item: Any = _type(arguments[0])
        return tuple[item, ...]
    if origin is dict:
        return dict[str, str]
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return _shape(annotation)
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        words: Any = tuple(each.value for each in annotation)
        return Literal[words]
    return annotation if annotation in _PLAIN else str


_SPEAKER: Any = msgspec.defstruct("Speaker", [("party", str)], gc=False)
_READ = ("id", "announced", "status", "relation", "effect")  # of an announcement; and the parties that speak
_ANNOUNCEMENT: Any = msgspec.defstruct(
    "Announcement",
    [("by", tuple[_SPEAKER, ...]), *((name, _type(Announcement.model_fields[name].annotation)) for name in _READ)],
    gc=False,
)
PERIODS = tuple(_shape(model) for model in EFFECTS.values() if issubclass(model, Period))


class State(msgspec.Struct, gc=False):
    """An `AnnouncementRecorded` as it is stored, as far as it is read."""

    announcement: _ANNOUNCEMENT
    schema: int


class SubjectState(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """A `SubjectRegistered` or `SubjectAmended` as it is stored."""

    subject: msgspec.Raw
    digest: str
    recorded_at: str
    type: Literal["SubjectRegistered", "SubjectAmended"]
    schema: int
    recorded_by: str | None = None


_states = msgspec.json.Decoder(list[State]).decode
_subject_states = msgspec.json.Decoder(list[SubjectState]).decode
_subjects: Callable[[bytes], list[Any]] = msgspec.json.Decoder(list[_type(AnySubject)]).decode  # type: ignore[misc]


def read_states(states: Sequence[bytes]) -> list[State]:
    """Raises: msgspec.DecodeError, for any of them."""
    return _states(_array(states))


def read_subjects(states: Sequence[bytes]) -> list[tuple[SubjectState, Any]]:
    """With each, its subject.

    Raises: msgspec.DecodeError, for any of them.
    """
    found = _subject_states(_array(states))
    return list(zip(found, _subjects(_array([state.subject for state in found])), strict=True))


def _array(parts: Sequence[bytes | msgspec.Raw]) -> bytes:
    return b"[" + b",".join(parts) + b"]"
