"""Validation of a table against its model: pydantic finds the mistakes, which are reported in plain English."""

from collections.abc import Iterator, Mapping
from datetime import datetime, time
from itertools import islice
from typing import Any, NamedTuple, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from tracker.dataset.files import FileEntry
from tracker.dataset.suggestions import nearest, one_of, printable, show, strange_letter
from tracker.dataset.toml_positions import KeyPath
from tracker.model.announcement import Announcement, Correction, Relation, Retraction, Source, Speaker, Statement
from tracker.model.charges import Charge, Member
from tracker.model.dates import FORMS
from tracker.model.effects import EFFECTS, Effect
from tracker.model.errors import Problem, Severity
from tracker.model.fields import ALL_BUT, DIRECTION_PATTERN, ID_PATTERN, ID_RULE, LISTED_HS_PATTERN, LISTED_ID_PATTERN
from tracker.model.former import INSTEAD
from tracker.model.scope import Scope

MAX_FINDINGS = 50  # of one file; rules look for one more, so that the reader can report that there are more

NOT_ALL_BUT = 'cannot say "all but": "!" may stand in origin, destination, goods and only. Name what is meant'

M = TypeVar("M", bound=BaseModel)

_ENTRIES: Mapping[str, type[BaseModel]] = {"members": Member, "authority": Charge, "authorities": Charge}
NOT_IN_FILES = ("[key]", "[id]", "[list]")  # in pydantic's paths: a key, and which of two forms a value has

_PARTS: Mapping[str, type[BaseModel]] = {"by": Speaker, "source": Source, "relation": Relation, "scope": Scope}


class EntryFinding(NamedTuple):
    """A mistake at a key of an entry."""

    path: KeyPath
    message: str
    severity: Severity = Severity.ERROR

    def at(self, entry: FileEntry) -> Problem:
        """The problem of an entry that has this finding."""
        return Problem(entry.at(*self.path), self.message, self.severity)


class OwningTable(NamedTuple):
    """The table that has a key: its model, and how messages call it."""

    model: type[BaseModel]
    name: str


def shaped(model: type[M], table: Mapping[str, Any], name: str) -> tuple[M | None, list[EntryFinding]]:
    """The model that a table describes, or the findings about it; `name` is how messages call the table."""
    try:
        return model.model_validate(table, by_alias=True, by_name=False), []
    except ValidationError as error:
        return None, list(_findings(OwningTable(model, name), table, error))


def statement_of_table(table: Mapping[str, Any]) -> tuple[Statement | None, list[EntryFinding]]:
    """The announcement, correction or retraction that a table describes, or the findings about it."""
    if "corrects" in table:
        return shaped(Correction, table, "this correction")
    if "retracts" in table:
        return shaped(Retraction, table, "this retraction")
    return shaped(Announcement, table, "this announcement")


def _findings(root: OwningTable, table: Mapping[str, Any], error: ValidationError) -> Iterator[EntryFinding]:
    details = (detail for detail in error.errors(include_url=False) if not _short_of_bad_items(detail))
    for detail in islice(details, MAX_FINDINGS + 1):
        path = _path_in_file(detail["loc"])
        if path == ("replace",) and isinstance(detail["input"], dict):
            yield from _incomplete_times(detail["input"], path)
        else:
            yield EntryFinding(path, message(_owner(root, table, path), path, detail))


def _incomplete_times(value: Any, path: KeyPath) -> Iterator[EntryFinding]:
    """Findings about hours without a day, or without an offset, in a patch: they cannot be recorded."""
    if isinstance(value, dict | list):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _incomplete_times(item, (*path, key))
    elif isinstance(value, time):
        yield EntryFinding(path, f"{value} is an hour without a day: write e.g. 2026-01-01T{value}+04:00")
    elif isinstance(value, datetime) and value.tzinfo is None:
        yield EntryFinding(path, f"{show(value)} lacks its offset: write e.g. {show(value)}+04:00")


def _short_of_bad_items(detail: ErrorDetails) -> bool:
    """Whether a list is too short only because pydantic does not count its bad items, which it reports themselves."""
    return detail["type"] == "too_short" and len(detail["input"]) >= detail["ctx"]["min_length"]


def _path_in_file(loc: tuple[int | str, ...]) -> KeyPath:
    """Pydantic's path without the parts that are not in the file: the type of an effect, "[key]", "[list]"."""
    if loc[:1] == ("effect",) and len(loc) > 2:
        loc = (*loc[:2], *loc[3:])
    return tuple(part for part in loc if part not in NOT_IN_FILES)


def _owner(root: OwningTable, table: Mapping[str, Any], path: KeyPath) -> OwningTable:
    """The table that has a key."""
    if path[:1] == ("effect",) and len(path) > 1:
        written = table["effect"][path[1]]
        kind = written.get("type") if isinstance(written, dict) else None
        if isinstance(kind, str) and kind in EFFECTS:
            return OwningTable(EFFECTS[kind], f'this [[effect]] of type "{kind}"')
        return OwningTable(Effect, "this [[effect]]")
    if path[:1] == ("scope",) and len(path) > 1:
        return OwningTable(Scope, f"the scope of {root.name}")
    if path and path[0] in _ENTRIES and len(path) > 1:
        return OwningTable(_ENTRIES[str(path[0])], f"this entry of `{path[0]}`")
    if path and path[0] in _PARTS and len(path) > 1:
        return OwningTable(_PARTS[str(path[0])], f"this [[{path[0]}]]")
    return root


_TABLE_LISTS = ("by", "source", "relation", "effect")
_TABLES = {  # examples of what a list may hold
    "authority": '{ party = "AM", from = 2021-07-14 }',
    "by": '{ party = "AM" }',
    "members": '{ party = "AM" }',
    "source": '{ publisher = "…" }',
}
_EXAMPLES = {
    "announced": "announced = 2025-10-27",
    "by": 'a [[by]] table with party = "AM", for who said it',
    "between": 'between = ["AM", "TR"]',
    "modes": 'modes = ["road"]',
    "names": 'names = { en = "…" }',
    "reason": 'reason = "…"',
    "scope": 'scope = { at = ["AM-TR"] }',
    "state": 'state = "ready"',
    "summary": 'summary = "…", in your own words',
    "timezone": 'timezone = "+04:00"',
    "type": 'type = "lift"',
}
_TYPES = {  # of pydantic's errors that are called string_type, bool_parsing and so on
    "string": 'text in double quotes, {key} = "…"',
    "bool": "true or false, without quotes",
    "float": "a number, without quotes",
    "int": "a whole number, without quotes",
    "tuple": 'a list in brackets, {key} = ["…"]',
    "model": "a table",
    "model_attributes": "a table",
    "dict": "a table",
}
_PATTERNS = {
    DIRECTION_PATTERN: 'two territories with ">" between them, e.g. "TR>AM"',
    r"^[0-9]{2,10}$": 'an HS code of 2 to 10 digits, e.g. "1001"',
    LISTED_HS_PATTERN: 'an HS code of 2 to 10 digits, e.g. "1001", or with "!" before it what is not meant',
    r"^[a-z]{2,3}$": 'a language code of two or three small letters, e.g. "en"',
}


def message(owner: OwningTable, path: KeyPath, detail: ErrorDetails) -> str:
    """The message about one mistake that pydantic found."""
    key = printable(next((str(part) for part in reversed(path) if isinstance(part, str)), ""))
    match detail["type"]:
        case "missing":
            return _missing(key, owner)
        case "union_tag_not_found":
            return _missing("type", owner)
        case "extra_forbidden":
            return _unknown_key(key, owner)
        case "enum" | "literal_error" | "union_tag_invalid":
            return _not_one_of(key, detail)
        case "string_pattern_mismatch":
            return _misspelt(key, str(detail["input"]), detail["ctx"]["pattern"])
        case "value_error":
            return _validator_message(key, owner, detail)
        case "tuple_type" if key in _TABLE_LISTS:
            return f"`{key}` is a list of tables: write [[{key}]], with two brackets on each side"
        case other:
            return f"`{key}` cannot be {show(detail['input'])}: {_expected(key, other, detail)}"


def _missing(key: str, owner: OwningTable) -> str:
    example = None if "[[" in owner.name and key == "by" else _EXAMPLES.get(key)
    if key == "type" and issubclass(owner.model, Relation):
        example = 'type = "confirms"'
    return f"`{key}` is missing from {owner.name}: add {example or f'{key} = …'}"


def _unknown_key(key: str, owner: OwningTable) -> str:
    fields = owner.model.model_fields.items()
    keys = [field.alias or own for own, field in fields if own != "id" and (own != "type" or "[[" in owner.name)]
    if key in INSTEAD and key not in keys:
        return f"`{key}` is no longer a key of {owner.name}: {INSTEAD[key]}"
    guess = "from" if key == "starts" and "from" in keys else nearest(key, keys)
    mending = f"did you mean `{guess}`?" if guess else f"its keys are {one_of(keys, 30)}"
    return f"`{key}` is not a key of {owner.name}: {mending}"


def _not_one_of(key: str, detail: ErrorDetails) -> str:
    value, context = detail["input"], detail["ctx"]
    if isinstance(value, str) and value.startswith(ALL_BUT):
        return f"`{key}` {NOT_ALL_BUT}"
    if detail["type"] == "union_tag_invalid":  # of an [[effect]]
        key, value = "type", value.get("type")
    if isinstance(value, str) and value in INSTEAD and key == "type":
        return f"`{key}` can no longer be {show(value)}: {INSTEAD[value]}"
    expected = str(context.get("expected") or context.get("expected_tags"))
    words = expected.replace("'", "").replace(" or ", ", ").split(", ")
    guess = nearest(value, words) if isinstance(value, str) else None
    hint = f'did you mean "{guess}"? ' if guess else ""
    return f"`{key}` cannot be {show(value)}: {hint}it is one of {one_of(words)}"


def _misspelt(key: str, value: str, pattern: str) -> str:
    if value.startswith(ALL_BUT) and pattern not in (LISTED_ID_PATTERN, LISTED_HS_PATTERN):
        return f"`{key}` {NOT_ALL_BUT}"
    if pattern in (ID_PATTERN, LISTED_ID_PATTERN):
        letter = strange_letter(value)
        why = f", as it has the letter {letter}" if letter else ""
        return f"`{key}` cannot be {show(value)}{why}: write {ID_RULE}"
    wanted = _PATTERNS.get(pattern, "a web address without spaces, https://…")
    return f"`{key}` cannot be {show(value)}: write {wanted}"


def _validator_message(key: str, owner: OwningTable, detail: ErrorDetails) -> str:
    """The message of the model's own validator, with values as TOML writes them."""
    value, text = detail["input"], str(detail["ctx"]["error"])
    if isinstance(value, str):
        text = text.replace(repr(value), show(value))
    if isinstance(value, dict) and key in ("", "effect"):  # the table as a whole
        return f"{owner.name} {text}"
    if isinstance(value, int | float | list | time | dict) and key != "replace":
        return f"`{key}` cannot be {show(value)}: write {FORMS}"
    return f"`{key}`: {printable(text)}"


def _expected(key: str, kind: str, detail: ErrorDetails) -> str:
    context: Mapping[str, Any] = detail.get("ctx", {})
    wanted = _TYPES.get(kind.removesuffix("_type").removesuffix("_parsing"))
    match kind:
        case _ if wanted:
            example = _TABLES.get(key) if wanted == _TYPES["model"] else None
            return "write " + wanted.format(key=key) + (f", such as {example}" if example else "")
        case "string_too_short":
            return "write some text, or leave the key out"
        case "too_short":
            return f"put at least {context['min_length']} into it, or leave the key out"
        case "string_too_long" | "too_long" if isinstance(detail["input"], str):
            return f"it is too long. Write at most {context['max_length']} characters"
        case "too_long":
            return f"it is too long. Write {context['max_length']}"
        case "greater_than":
            return f"write more than {context['gt']}"
        case "greater_than_equal":
            return f"write {context['ge']} or more"
        case "less_than_equal":
            return f"write {context['le']} or less"
        case _:
            return detail["msg"][:1].lower() + detail["msg"][1:]
