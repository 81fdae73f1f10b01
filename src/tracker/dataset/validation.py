"""Does a table have the keys and values that its kind needs? Pydantic decides; the words are in `mistakes`."""

from collections.abc import Iterator, Mapping
from datetime import datetime, time
from itertools import islice
from typing import Any, NamedTuple, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from tracker.dataset.suggestions import show
from tracker.dataset.toml_positions import KeyPath
from tracker.dataset.validation_messages import Owner, message
from tracker.model.announcement import Relation, Source, Speaker
from tracker.model.effects import EFFECTS, Effect
from tracker.model.errors import Severity
from tracker.model.registry import Scope

MAX_FINDINGS = 50  # of one file; rules look for one more, so that the reader can say that there are more

M = TypeVar("M", bound=BaseModel)

_PARTS: Mapping[str, type[BaseModel]] = {"by": Speaker, "source": Source, "relation": Relation, "scope": Scope}


class Finding(NamedTuple):
    """Something wrong at a key of an entry."""

    path: KeyPath
    message: str
    severity: Severity = Severity.ERROR


def shaped(model: type[M], table: Mapping[str, Any], name: str) -> tuple[M | None, list[Finding]]:
    """The model that a table describes, or what is wrong with it; `name` is how messages call the table."""
    try:
        return model.model_validate(table, by_alias=True, by_name=False), []
    except ValidationError as error:
        return None, list(_findings(Owner(model, name), table, error))


def _findings(root: Owner, table: Mapping[str, Any], error: ValidationError) -> Iterator[Finding]:
    details = (detail for detail in error.errors(include_url=False) if not _only_seems_short(detail))
    for detail in islice(details, MAX_FINDINGS + 1):
        path = _written(detail["loc"])
        if path == ("replace",) and isinstance(detail["input"], dict):
            yield from _unfit(detail["input"], path)
        else:
            yield Finding(path, message(_owner(root, table, path), path, detail))


def _unfit(value: Any, path: KeyPath) -> Iterator[Finding]:
    """The hours without a day or an offset inside a patch, which keeps them from being recorded."""
    if isinstance(value, dict | list):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _unfit(item, (*path, key))
    elif isinstance(value, time):
        yield Finding(path, f"{value} is an hour without a day: write e.g. 2026-01-01T{value}+04:00")
    elif isinstance(value, datetime) and value.tzinfo is None:
        yield Finding(path, f"{show(value)} lacks its offset: write e.g. {show(value)}+04:00")


def _only_seems_short(detail: ErrorDetails) -> bool:
    """Pydantic counts only the good items of a list, and has said already what is wrong with the others."""
    return detail["type"] == "too_short" and len(detail["input"]) >= detail["ctx"]["min_length"]


def _written(loc: tuple[int | str, ...]) -> KeyPath:
    """Pydantic's path without what is not in the file: the type of an effect, "[key]"."""
    if loc[:1] == ("effect",) and len(loc) > 2:
        loc = (*loc[:2], *loc[3:])
    return tuple(part for part in loc if part != "[key]")


def _owner(root: Owner, table: Mapping[str, Any], path: KeyPath) -> Owner:
    """The table in which a key stands."""
    if path[:1] == ("effect",) and len(path) > 1:
        written = table["effect"][path[1]]
        kind = written.get("type") if isinstance(written, dict) else None
        if isinstance(kind, str) and kind in EFFECTS:
            return Owner(EFFECTS[kind], f'this [[effect]] of type "{kind}"')
        return Owner(Effect, "this [[effect]]")
    if path[:1] == ("scope",) and len(path) > 1:
        return Owner(Scope, f"the scope of {root.name}")
    if path and path[0] in _PARTS and len(path) > 1:
        return Owner(_PARTS[str(path[0])], f"this [[{path[0]}]]")
    return root
