"""Announcements as plain structs: msgspec reads stored JSON into them many times faster than pydantic into models.

The shapes are made from the models, and are as strict: a key that is missing or unknown, or a word that is not in a
vocabulary, is an error. Only dates stay text, and rules that concern several fields are not checked again.
"""

from collections.abc import Callable, Sequence
from enum import Enum
from functools import cache, reduce
from operator import or_
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union, get_args, get_origin

import msgspec
from pydantic import BaseModel

from tracker.model.announcement import Announcement
from tracker.model.canonical import canonical_json

if TYPE_CHECKING:  # a struct has the fields of its model: to mypy it is one, and a new field is missed nowhere
    Content = Announcement
else:
    Content = msgspec.Struct

_AS_IT_IS = (int, float, bool, str)


@cache
def struct_of(model: type[BaseModel]) -> type[msgspec.Struct]:
    """A struct with the fields and defaults of a model; its `type`, if it has one, tells members of a union apart."""
    renamed = {name: field.alias for name, field in model.model_fields.items() if field.alias}
    fields: list[Any] = []
    tag = None
    for name, field in model.model_fields.items():
        if name == "type" and get_origin(field.annotation) is Literal:
            tag = _plain(field.default)
            continue
        kind = type_of(field.annotation)
        if field.is_required():
            fields.append((name, kind))
        else:
            fields.append((name, kind | None if field.default is None else kind, _plain(field.default)))
    return msgspec.defstruct(
        model.__name__, fields, rename=renamed, kw_only=True, forbid_unknown_fields=True, gc=False,
        tag_field="type" if tag else None, tag=tag, namespace={"type": tag} if tag else {},
    )  # fmt: skip


def type_of(annotation: Any) -> Any:
    """The type of a field's JSON; dates are text."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin in (Union, UnionType):
        return reduce(or_, [type_of(member) for member in arguments if member is not NoneType])
    if origin is Annotated:
        return type_of(arguments[0])
    if origin is tuple:
        item: Any = type_of(arguments[0])
        return tuple[item, ...]
    if origin is dict:
        return dict[str, str]
    if origin is Literal:
        return Literal[_plain(arguments)]
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return struct_of(annotation)
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return Literal[_plain(tuple(annotation))]
    return annotation if annotation in _AS_IT_IS else str


def _plain(value: Any) -> Any:
    """A default or a word as JSON has it."""
    if isinstance(value, tuple):
        return tuple(map(_plain, value))
    return value.value if isinstance(value, Enum) else value


def array_reader(kind: Any) -> Callable[[Sequence[bytes | msgspec.Raw]], Any]:
    """A function that reads many JSON texts of one type at once.

    Raises of the function: msgspec.DecodeError, UnicodeDecodeError, for any of them.
    """
    decode = msgspec.json.Decoder(list[kind]).decode
    return lambda texts: decode(b"[" + b",".join(texts) + b"]")


_content: Callable[[bytes], Content] = msgspec.json.Decoder(struct_of(Announcement)).decode  # type: ignore[assignment]


def content_of(announcement: Announcement) -> Content:
    """An announcement as a struct."""
    return _content(canonical_json(announcement))
