"""Statements as JSON: the same keys and mistakes as in a file, at a JSON pointer (RFC 6901) instead of a line."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from tracker.dataset.existing import OnRecord
from tracker.dataset.files import Entry, Table, oversized
from tracker.dataset.references import STATEMENT
from tracker.dataset.rules import check
from tracker.dataset.suggestions import show
from tracker.dataset.toml_positions import MAX_DEPTH
from tracker.dataset.validation import Finding, shaped
from tracker.model.announcement import Announcement, Correction, Retraction, Statement
from tracker.model.errors import BadRequest, Location, Problem, Severity
from tracker.model.registry import Registry


class Pointed(Entry):
    """A statement whose keys are named by pointers."""

    def at(self, *keys: str | int) -> Location:
        return Location(pointer(keys))


def pointer(keys: Iterable[str | int]) -> str:
    """A JSON pointer; empty for the whole."""
    return "".join("/" + str(key).replace("~", "~0").replace("/", "~1") for key in keys)


def read_json(text: bytes) -> Table:
    """A JSON object, whatever somebody sent.

    Raises: BadRequest, saying what is wrong with it.
    """
    try:
        found = json.loads(text.decode("utf-8"), object_pairs_hook=_once, parse_constant=_no_number)
    except UnicodeDecodeError:
        raise BadRequest("the body is not UTF-8") from None
    except json.JSONDecodeError as error:
        raise BadRequest(f"the body is not JSON: line {error.lineno}, column {error.colno}: {error.msg}") from None
    except RecursionError:
        raise BadRequest(_TOO_DEEP) from None
    except ValueError as error:
        said = "a number has thousands of digits" if "digits" in str(error) else str(error)[:200]
        raise BadRequest(f"the body cannot be read: {said}") from None
    if not isinstance(found, dict):
        raise BadRequest("the body is not a JSON object: write { … } with the keys of the file")
    _refuse_strange(found)
    return found


_TOO_DEEP = f"the body nests deeper than {MAX_DEPTH} levels: write it flatter"


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"the key {show(key)} stands twice: keep one of the two")
        found[key] = value
    return found


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is not a number of JSON")


def _refuse_strange(table: Table) -> None:
    """What JSON can say and no file can: too many levels, and halves of characters."""
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
    """The statement that an object describes, or what is wrong with it. No rules are run."""
    wide = tuple(Problem(Location(pointer(keys)), message) for keys, message in oversized(dict(table)))
    if wide:
        return None, wide
    model: type[Announcement] | type[Correction] | type[Retraction] = Announcement
    called = "this announcement"
    if "corrects" in table:
        model, called = Correction, "this correction"
    elif "retracts" in table:
        model, called = Retraction, "this retraction"
    statement, findings = shaped(model, table, called)
    return statement, tuple(_problem(each) for each in findings)


def check_statements(registry: Registry, on_record: OnRecord, new: Iterable[Statement]) -> tuple[Problem, ...]:
    """What is wrong with new statements, given what is on the record; at pointers, as if each were a JSON object."""
    coming = list(new)
    return check(registry, on_record, coming, {(STATEMENT, each.id): Pointed("") for each in coming})


def _problem(finding: Finding) -> Problem:
    return Problem(Location(pointer(finding.path)), finding.message, finding.severity)


def errors_of(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Those that keep a statement from being recorded."""
    return tuple(each for each in problems if each.severity is Severity.ERROR)
