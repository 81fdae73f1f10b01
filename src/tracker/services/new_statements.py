"""Statements that could be recorded next: from files or JSON, checked against the record, and as they are stored."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from tracker.dataset.existing import OnRecord
from tracker.dataset.json_statements import check_statements, errors_of, statement_of_json
from tracker.dataset.reader import read_statements
from tracker.model.announcement import Announcement, Statement
from tracker.model.errors import Conflict, DatasetErrors, Location
from tracker.queries.existing import on_record
from tracker.queries.lint import Locate
from tracker.queries.plan_checks import refusals
from tracker.queries.short_forms import resolved
from tracker.services.datasets import locating
from tracker.state.record import Record


def as_statement(table: Mapping[str, Any]) -> Statement:
    """The statement that a JSON object describes.

    Raises: DatasetErrors, at JSON pointers.
    """
    statement, problems = statement_of_json(table)
    if statement is None:
        raise DatasetErrors(problems)
    return statement


def read_files(record: Record, files: Sequence[Path]) -> tuple[tuple[Statement, ...], Locate]:
    """The statements of files that could be recorded next, and where in them an effect is.

    Raises: DatasetErrors, at files and lines; Conflict.
    """
    before = on_record(record)
    new, locations, problems = read_statements(files, record.registry(), before)
    if errors := errors_of(problems):
        raise DatasetErrors(errors)
    _refuse_known(before, new)
    locate = locating(locations)
    return _possible(record, new, locate, DatasetErrors), locate


def _possible(
    record: Record, new: Sequence[Statement], locate: Locate, error: type[DatasetErrors]
) -> tuple[Statement, ...]:
    """Statements as they are stored, whose changes of plans can be.

    Raises: `error`.
    """
    statements, unresolved = resolved(record, new, locate)
    if problems := unresolved or refusals(record, _announcements(statements), locate):
        raise error(tuple(problems))
    return statements


def _announcements(statements: Iterable[Statement]) -> list[Announcement]:
    return [statement for statement in statements if isinstance(statement, Announcement)]


def checked(
    record: Record, new: Sequence[Statement], error: type[DatasetErrors]
) -> tuple[tuple[Statement, ...], tuple[str, ...]]:
    """Statements as they are stored, and warnings about them, after the checks of `tracker record`.

    Raises: `error`, Conflict.
    """
    before = on_record(record)
    _refuse_known(before, new)
    problems = check_statements(record.registry(), before, new)
    if errors := errors_of(problems):
        raise error(errors)
    return _possible(record, new, at_pointer, error), tuple(problem.message for problem in problems)


def _refuse_known(before: OnRecord, new: Sequence[Statement]) -> None:
    ids = {known.id for known in before.about([statement.id for statement in new])}
    for statement in new:
        if statement.id in ids:
            raise Conflict(
                f"{statement.id} is on the record, and what is there is never edited: write a correction, or choose "
                "another id"
            )


def at_pointer(_: str, number: int) -> Location:
    """The place of an effect in a statement as JSON."""
    return Location(f"/effect/{number}")
