"""The commands that check files, record them in the store and rebuild its tables: `check`, `load`, `record`, …"""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tracker.cli import json_output
from tracker.cli.context import folder, given, note, now, origin, progress_bar, store
from tracker.cli.options import AsJson, By
from tracker.model.errors import BadRequest, Problem, Severity
from tracker.presentation.text import count

if TYPE_CHECKING:
    from tracker.services.datasets import DatasetCheck
    from tracker.store.event_store import Loaded

Dir = Annotated[
    Path | None,
    typer.Argument(
        metavar="[DIR]", help="The folder with registry/ in it. Default: the one of --events, or the dataset that "
        "comes with the program.", show_default=False,
    ),
]  # fmt: skip
File = Annotated[Path, typer.Argument(metavar="FILE")]
Files = Annotated[list[Path], typer.Argument(metavar="FILE...", help="Announcements, corrections, retractions.")]


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    for command in (check, coverage, load, record, correct, retract, rebuild):
        app.command()(command)


def check(ctx: typer.Context, directory: Dir = None, as_json: AsJson = False) -> None:
    """Check the files of a dataset: every problem with its file and line. Exit code 1 if there are errors."""
    dataset = _folder(directory or origin(ctx).events)
    from tracker.services import datasets

    checked = datasets.check(dataset, now())
    if as_json:
        _check_in_json(checked)
    else:
        for problem in checked.problems:
            typer.echo(_line(problem))
        counts = ", ".join(f"{number:,} {noun}" for noun, number in checked.counts.items())
        problems = ", ".join(_count(checked, severity) for severity in Severity)
        typer.echo(f"{dataset}: {problems} in {counts}")
    if checked.has_errors:
        raise typer.Exit(1)


def coverage(ctx: typer.Context, directory: Dir = None) -> None:
    """Print the coders' work list with the announcements that settle each item, as Markdown."""
    dataset = _folder(directory or origin(ctx).events)
    from tracker.services import datasets

    typer.echo(datasets.coverage_page(dataset), nl=False)


def _line(problem: Problem) -> str:
    text = f"{problem.severity.mark}{problem.message}"
    return f"{problem.location}: {text}" if problem.location.path else text


def _count(checked: "DatasetCheck", severity: Severity) -> str:
    return count(sum(problem.severity is severity for problem in checked.problems), severity.value)


def _check_in_json(checked: "DatasetCheck") -> None:
    problems = [
        {
            "path": problem.location.path or None,
            "line": problem.location.line or None,
            "severity": problem.severity.value,
            "message": problem.message,
        }
        for problem in checked.problems
    ]
    json_output.show_values({"problems": problems, "counts": checked.counts})


def load(ctx: typer.Context, directory: Dir = None, by: By = None) -> None:
    """Record a dataset in the store: all of it or nothing. Entries that are recorded already are left as they are."""
    url, dataset = store(ctx), _folder(directory)
    given("--by", by)
    from tracker.services import records

    with progress_bar() as advance:
        loaded, warnings = records.load(url, dataset, by=by, progress=partial(advance, "Recording"))
    _report(loaded, warnings)


def record(ctx: typer.Context, files: Files, by: By = None) -> None:
    """Record files in the store, after the checks that `load` makes, against the record."""
    _record(ctx, files, by)


def correct(ctx: typer.Context, file: File, by: By = None) -> None:
    """Record a correction: a file with `corrects`, `reason` and a [replace] table."""
    _is_a(file, "Correction", "corrects")
    _record(ctx, [file], by)


def retract(ctx: typer.Context, file: File, by: By = None) -> None:
    """Record a retraction: a file with `retracts` and `reason`."""
    _is_a(file, "Retraction", "retracts")
    _record(ctx, [file], by)


def rebuild(
    ctx: typer.Context,
    columns: Annotated[
        bool,
        typer.Option("--columns", help="Only the columns that questions are answered from, not the tables for SQL."),
    ] = False,
) -> None:
    """Build the derived tables again from the stored events."""
    url = store(ctx)
    from tracker.services import records

    tables = "columns" if columns else "tables"
    typer.echo(f"The {tables} are rebuilt, up to position {records.rebuild(url, columns=columns)}.")


def _folder(directory: Path | None) -> Path:
    from tracker.services.datasets import default_dataset

    return folder(directory or default_dataset())


def _is_a(file: Path, kind: str, key: str) -> None:
    """Check that a file is a correction or a retraction; other mistakes are reported when it is recorded.

    Raises: BadRequest where it is of another kind.
    """
    from tracker.dataset.reader import read_statement

    statement, _ = read_statement(file)
    if statement is not None and type(statement).__name__ != kind:
        raise BadRequest(f"{file} has no `{key}`: add it, or use `tracker record`")


def _record(ctx: typer.Context, files: Sequence[Path], by: str | None) -> None:
    given("--by", by)
    url = store(ctx)
    from tracker.services import records

    _report(*records.record(url, files, by=by))


def _report(loaded: "Loaded", problems: Sequence[Problem]) -> None:
    for problem in problems:
        if problem.severity is not Severity.NOTE:  # notes are for `check`
            note(_line(problem))
    where = f" at positions {loaded.first}–{loaded.last}" if loaded.first is not None else ""
    typer.echo(f"{loaded.recorded} recorded, {loaded.amended} amended, {loaded.unchanged} unchanged{where}")
