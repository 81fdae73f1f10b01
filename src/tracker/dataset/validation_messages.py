"""What pydantic found wrong with a table, in plain English and with the mending."""

from collections.abc import Mapping
from datetime import time
from typing import Any, NamedTuple

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from tracker.dataset.suggestions import nearest, one_of, printable, show, strange_letter
from tracker.dataset.toml_positions import KeyPath
from tracker.model.announcement import Relation
from tracker.model.dates import FORMS
from tracker.model.fields import DIRECTION_PATTERN, ID_PATTERN, ID_RULE


class Owner(NamedTuple):
    """The table in which a key stands: what it should be, and how messages call it."""

    model: type[BaseModel]
    name: str


_TABLE_LISTS = ("by", "source", "relation", "effect")
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
    r"^[a-z]{2,3}$": 'a language code of two or three small letters, e.g. "en"',
}


def message(owner: Owner, path: KeyPath, detail: ErrorDetails) -> str:
    """One mistake in words."""
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
            return _in_the_models_words(key, owner, detail)
        case "tuple_type" if key in _TABLE_LISTS:
            return f"`{key}` is a list of tables: write [[{key}]], with two brackets on each side"
        case other:
            return f"`{key}` cannot be {show(detail['input'])}: {_expected(key, other, detail)}"


def _missing(key: str, owner: Owner) -> str:
    example = None if "[[" in owner.name and key == "by" else _EXAMPLES.get(key)
    if key == "type" and issubclass(owner.model, Relation):
        example = 'type = "confirms"'
    return f"`{key}` is missing from {owner.name}: add {example or f'{key} = …'}"


def _unknown_key(key: str, owner: Owner) -> str:
    fields = owner.model.model_fields.items()
    keys = [field.alias or own for own, field in fields if own != "id" and (own != "type" or "[[" in owner.name)]
    guess = "from" if key == "starts" and "from" in keys else nearest(key, keys)
    mending = f"did you mean `{guess}`?" if guess else f"its keys are {one_of(keys, 30)}"
    return f"`{key}` is not a key of {owner.name}: {mending}"


def _not_one_of(key: str, detail: ErrorDetails) -> str:
    value, context = detail["input"], detail["ctx"]
    if detail["type"] == "union_tag_invalid":  # of an [[effect]]
        key, value = "type", value.get("type")
    expected = str(context.get("expected") or context.get("expected_tags"))
    words = expected.replace("'", "").replace(" or ", ", ").split(", ")
    guess = nearest(value, words) if isinstance(value, str) else None
    hint = f'did you mean "{guess}"? ' if guess else ""
    return f"`{key}` cannot be {show(value)}: {hint}it is one of {one_of(words)}"


def _misspelt(key: str, value: str, pattern: str) -> str:
    if pattern == ID_PATTERN:
        letter = strange_letter(value)
        why = f", as it has the letter {letter}" if letter else ""
        return f"`{key}` cannot be {show(value)}{why}: write {ID_RULE}"
    wanted = _PATTERNS.get(pattern, "a web address without spaces, https://…")
    return f"`{key}` cannot be {show(value)}: write {wanted}"


def _in_the_models_words(key: str, owner: Owner, detail: ErrorDetails) -> str:
    """The model's own validators know best, but they print what is not text as Python does."""
    value, said = detail["input"], str(detail["ctx"]["error"])
    if isinstance(value, str):
        said = said.replace(repr(value), show(value))
    if isinstance(value, dict) and key in ("", "effect"):  # the table as a whole
        return f"{owner.name} {said}"
    if isinstance(value, int | float | list | time | dict) and key != "replace":
        return f"`{key}` cannot be {show(value)}: write {FORMS}"
    return f"`{key}`: {printable(said)}"


def _expected(key: str, kind: str, detail: ErrorDetails) -> str:
    context: Mapping[str, Any] = detail.get("ctx", {})
    wanted = _TYPES.get(kind.removesuffix("_type").removesuffix("_parsing"))
    match kind:
        case _ if wanted:
            return "write " + wanted.format(key=key)
        case "string_too_short":
            return "write some text, or leave the key out"
        case "too_short":
            return f"put at least {context['min_length']} into it, or leave the key out"
        case "string_too_long":
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
