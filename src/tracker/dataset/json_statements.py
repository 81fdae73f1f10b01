"""Statements as JSON, with the keys and messages of files, at a JSON pointer (RFC 6901) instead of a line."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from tracker.dataset.existing import OnRecord
from tracker.dataset.files import FileEntry, TomlTable, oversized
from tracker.dataset.references import STATEMENT
from tracker.dataset.rules import check
from tracker.dataset.suggestions import show
from tracker.dataset.toml_positions import MAX_DEPTH
from tracker.dataset.validation import statement_of_table
from tracker.model.announcement import Statement
from tracker.model.errors import BadRequest, Location, Problem, Severity
from tracker.model.registry import Registry


class JsonEntry(FileEntry):
    """A statement in JSON, whose keys are located by pointers."""

    def at(self, *keys: str | int) -> Location:
        return Location(pointer(keys))


def pointer(keys: Iterable[str | int]) -> str:
    """A JSON pointer; empty for the whole document."""
    return "".join("/" + str(key).replace("~", "~0").replace("/", "~1") for key in keys)


def read_json(text: bytes) -> TomlTable:
    """The JSON object in a request body.

    Raises: BadRequest, with the mistake in it.
    """
    try:
        body = json.loads(text.decode("utf-8"), object_pairs_hook=_without_duplicates, parse_constant=_no_number)
    except UnicodeDecodeError:
        raise BadRequest("the body is not UTF-8") from None
    except json.JSONDecodeError as error:
        raise BadRequest(f"the body is not JSON: line {error.lineno}, column {error.colno}: {error.msg}") from None
    except RecursionError:
        raise BadRequest(_TOO_DEEP) from None
    except ValueError as error:
        reason = "a number has thousands of digits" if "digits" in str(error) else str(error)[:200]
        raise BadRequest(f"the body cannot be read: {reason}") from None
    if not isinstance(body, dict):
        raise BadRequest("the body is not a JSON object: write { … } with the keys of the file")
    _refuse_unwritable(body)
    return body


_TOO_DEEP = f"the body nests deeper than {MAX_DEPTH} levels: write it flatter"


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table: dict[str, Any] = {}
    for key, value in pairs:
        if key in table:
            raise ValueError(f"the key {show(key)} stands twice: keep one of the two")
        table[key] = value
    return table


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is not a number of JSON")


def _refuse_unwritable(table: TomlTable) -> None:
    """Refuse contents that no file can have: too many levels, and halves of characters."""
    waiting: list[tuple[int, Any]] = [(1, table)]
    while waiting:
        depth, value = waiting.pop()
        if depth > MAX_DEPTH:
            raise BadRequest(_TOO_DEEP)
        if isinstance(value, dict):
            waiting += [(depth + 1, part) for pair in value.items() for part in pair]
        elif isinstance(value, list):
            waiting += [(depth + 1, item) for item in value]
        elif isinstance(value, str) and not value.isascii():
            try:
                value.encode()
            except UnicodeEncodeError:
                raise BadRequest(f"the text {show(value)} holds half a character (a lone surrogate)") from None


def statement_of_json(table: Mapping[str, Any]) -> tuple[Statement | None, tuple[Problem, ...]]:
    """The statement that an object describes, or its problems. No rules are run."""
    too_large = tuple(Problem(Location(pointer(keys)), message) for keys, message in oversized(dict(table)))
    if too_large:
        return None, too_large
    statement, findings = statement_of_table(table)
    return statement, tuple(finding.at(JsonEntry("")) for finding in findings)


def check_statements(registry: Registry, on_record: OnRecord, new: Iterable[Statement]) -> tuple[Problem, ...]:
    """Problems of new statements, given those on the record, at pointers into each statement as JSON."""
    statements = list(new)
    locations = {(STATEMENT, statement.id): JsonEntry("") for statement in statements}
    return check(registry, on_record, statements, locations)


def errors_of(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """The problems that keep a statement from being recorded."""
    return tuple(problem for problem in problems if problem.severity is Severity.ERROR)
