"""Models from JSON that this program wrote after validating it.

Building the validators of all classes takes longer than most one-off questions, so stored values are only converted by
their fields' types. Never use it on anything that comes from outside.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, NamedTuple, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel

from tracker.model.dates import Day, parse_day

Read = Callable[[Any], Any]
AnyModel = TypeVar("AnyModel", bound=BaseModel)

_AS_IT_IS = (str, int, float, bool)
_DATED = (Any, Day, datetime)  # what the fields of dates are annotated with


class _Shape(NamedTuple):
    """How instances of a class are made."""

    defaults: dict[str, Any]
    fields: dict[str, tuple[str, Read]]  # by key in JSON: name, conversion


def unvalidated(cls: type[AnyModel], plain: Mapping[str, Any]) -> AnyModel:
    """A model from the JSON values of `model_dump(mode="json", by_alias=True)`; other keys are passed over."""
    defaults, fields = _shape(cls)
    values, given = defaults.copy(), set[str]()
    for key, value in plain.items():
        field = fields.get(key)
        if field is not None:
            name, read = field
            values[name] = value if read is _same else read(value)
            given.add(name)
    model = cls.__new__(cls)
    fill(model, values, given)
    return model


def fill(model: BaseModel, values: dict[str, Any], given: set[str]) -> None:
    """Give a new model its values, in the order of its fields: ten times as fast as `model_construct`."""
    put = object.__setattr__
    put(model, "__dict__", values)
    put(model, "__pydantic_fields_set__", given)
    put(model, "__pydantic_extra__", None)
    put(model, "__pydantic_private__", None)


@cache
def _shape(cls: type[BaseModel]) -> _Shape:
    fields = cls.model_fields.items()
    return _Shape(
        {name: None if field.is_required() else field.get_default(call_default_factory=True) for name, field in fields},
        {field.alias or name: (name, _reader(field.annotation)) for name, field in fields},
    )


def _reader(annotation: Any) -> Read:
    """The function that converts a JSON value to a type.

    Raises: TypeError for a type whose values would need a validator.
    """
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _when if arguments[0] in _DATED else _reader(arguments[0])
    if origin in (Union, UnionType):
        return _optional([member for member in arguments if member is not NoneType])
    if origin is Literal:
        return {getattr(word, "value", word): word for word in arguments}.__getitem__
    if origin is tuple:
        return _tuple(arguments)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return _shared(annotation)
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return annotation._value2member_map_.__getitem__
    if origin is dict:
        return _table(_reader(arguments[1]))
    if annotation in _AS_IT_IS:
        return _same
    raise TypeError(f"{annotation} is not a type that is read back without a validator: add how")


def _shared(cls: type[BaseModel]) -> Read:
    """Models within models, such as scopes, are often alike: those that are have one instance."""
    made: dict[str, BaseModel] = {}

    def read(plain: Any) -> BaseModel:
        key = repr(plain)
        model = made.get(key)
        if model is None:
            model = made[key] = unvalidated(cls, plain)
        return model

    return read


def _same(value: Any) -> Any:
    return value


def _table(read: Read) -> Read:
    """Of `dict[str, X]`."""
    return _same if read is _same else lambda table: {key: read(value) for key, value in table.items()}


def _optional(kinds: list[Any]) -> Read:
    """Of `X | None`; of `str | tuple[X, ...] | None`."""
    if len(kinds) > 1:
        items = _reader(kinds[1])
        return lambda value: items(value) if isinstance(value, list) else value
    read = _reader(kinds[0])
    return read if read is _same else lambda value: None if value is None else read(value)


def _tuple(arguments: tuple[Any, ...]) -> Read:
    read = _reader(arguments[0])
    if len(arguments) == 2 and arguments[1] is not Ellipsis and _reader(arguments[1]) is not read:
        raise TypeError(f"tuple[{arguments}] has parts of several types: write how it is read back")
    return tuple if read is _same else lambda values: tuple(map(read, values))


def _when(value: Any) -> Day | datetime | None:
    if value is None:
        return None
    return datetime.fromisoformat(value) if "T" in value else parse_day(value)
