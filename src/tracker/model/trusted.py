"""Models from JSON that this program wrote itself and may trust: made without pydantic's validators.

Building a validator for each class costs more than reading the whole record with it, and a question that is asked once
would wait for that. So what was checked on its way in is read back by its field's types alone. Never use it on
anything that came from outside.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, NamedTuple, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from tracker.model.dates import Day, parse_day

Read = Callable[[Any], Any]
Some = TypeVar("Some", bound=BaseModel)

_AS_IT_IS = (str, int, float, bool)
_DATED = (Any, Day, datetime)  # what the fields of dates are annotated with


class _Field(NamedTuple):
    key: str
    name: str
    read: Read
    default: Any
    factory: Callable[[], Any] | None


def trusted(cls: type[Some], plain: Mapping[str, Any]) -> Some:
    """A model of its JSON, as `model_dump(mode="json", by_alias=True)` gives it; other keys are passed over."""
    values, given = {}, set()
    for field in _fields(cls):
        if field.key in plain:
            values[field.name] = field.read(plain[field.key])
            given.add(field.name)
        else:
            values[field.name] = field.factory() if field.factory else field.default
    made = cls.__new__(cls)
    object.__setattr__(made, "__dict__", values)
    object.__setattr__(made, "__pydantic_fields_set__", given)
    object.__setattr__(made, "__pydantic_extra__", None)
    object.__setattr__(made, "__pydantic_private__", None)
    return made


@cache
def _fields(cls: type[BaseModel]) -> tuple[_Field, ...]:
    return tuple(
        _Field(
            field.alias or name,
            name,
            _reader(field.annotation),
            None if field.default is PydanticUndefined else field.default,
            field.default_factory,  # type: ignore[arg-type]
        )
        for name, field in cls.model_fields.items()
    )


def _reader(annotation: Any) -> Read:
    """How a value of this type is read back."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _when if arguments[0] in _DATED else _reader(arguments[0])
    if origin in (Union, UnionType):
        return _reader_of_any([each for each in arguments if each is not NoneType])
    if origin is Literal:
        return _literal(arguments)
    if origin is tuple:
        return _tuple(arguments)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return lambda plain: trusted(annotation, plain)
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return annotation._value2member_map_.__getitem__
    if annotation in _AS_IT_IS or origin is dict:
        return _same
    raise TypeError(f"{annotation} is not a type that is read back without a validator: add how")


def _same(value: Any) -> Any:
    return value


def _reader_of_any(kinds: list[Any]) -> Read:
    """For `X | None`; a union of more is left to those who know which of them it is."""
    read = _reader(kinds[0])
    return read if read is _same else lambda value: None if value is None else read(value)


def _literal(values: tuple[Any, ...]) -> Read:
    known = {getattr(value, "value", value): value for value in values}
    return known.__getitem__


def _tuple(arguments: tuple[Any, ...]) -> Read:
    read = _reader(arguments[0])
    if len(arguments) == 2 and arguments[1] is not Ellipsis and _reader(arguments[1]) is not read:
        raise TypeError(f"tuple[{arguments}] has parts of several types: write how it is read back")
    return tuple if read is _same else lambda values: tuple(map(read, values))


def _when(value: Any) -> Day | datetime | None:
    if value is None:
        return None
    return datetime.fromisoformat(value) if "T" in value else parse_day(value)
