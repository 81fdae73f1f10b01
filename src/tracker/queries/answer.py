"""What every answer is: a frozen model, made by the queries and read by whoever shows it."""

from functools import cache
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict
from pydantic_core import PydanticUndefined


class Answer(BaseModel):
    """Frozen, like what it tells of.

    The queries fill it, and mypy checks what they fill it with: it is not validated once more at run time, since
    building the validators takes longer than most answers. Validation of JSON works as in any model.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, defer_build=True)

    if not TYPE_CHECKING:

        def __init__(self, **given: Any) -> None:
            put = object.__setattr__
            put(self, "__dict__", {**_defaults(type(self)), **given})
            put(self, "__pydantic_fields_set__", set(given))
            put(self, "__pydantic_extra__", None)
            put(self, "__pydantic_private__", None)

        __init__.__pydantic_base_init__ = True  # so that validation does not pass through here


@cache
def _defaults(cls: type[BaseModel]) -> dict[str, Any]:
    """In the order of the fields, a default each; what has none is always given."""
    fields = cls.model_fields.items()
    return {name: None if field.default is PydanticUndefined else field.default for name, field in fields}
