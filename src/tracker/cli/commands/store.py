"""The commands that read files in and keep the store, from `check` and `load` to `rebuild`."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tracker.cli.context import folder, given, note, now, origin, store
from tracker.cli.options import AsJson
from tracker.model.errors import BadRequest, Problem, Severity

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
By = Annotated[str | None, typer.Option("--by", metavar="NAME", help="Who records this.")]
File = Annotated[Path, typer.Argument(metavar="FILE")]
Files = Annotated[list[Path], typer.Argument(metavar="FILE...", help="Announcements, corrections, retractions.")]


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    for command in (check, coverage, load, record, correct, retract, rebuild):
        app.command()(command)


def check(ctx: typer.Context, directory: Dir = None, as_json: AsJson = False) -> None:
    """Check the files of a dataset: every problem with its file and line. Exit code 1 if there are errors."""
    chosen = _folder(directory or origin(ctx).events)
    from tracker.services import datasets

    found = datasets.check(chosen, now())
    if as_json:
        _check_in_json(found)
    else:
        for problem in found.problems:
            typer.echo(_line(problem))
        counted = ", ".join(f"{count:,} {what}" for what, count in found.counts.items())
        verdict = f"{_count(found, Severity.ERROR)}, {_count(found, Severity.WARNING)}"
        typer.echo(f"{chosen}: {verdict} in {counted}")
    if found.has_errors:
        raise typer.Exit(1)


def coverage(ctx: typer.Context, directory: Dir = None) -> None:
    """Print which announcements settle which item of the coders' work list, as Markdown."""
    chosen = _folder(directory or origin(ctx).events)
    from tracker.services import datasets

    typer.echo(datasets.coverage_page(chosen), nl=False)


def _line(problem: Problem) -> str:
    mark = "warning: " if problem.severity is Severity.WARNING else ""
    return f"{problem.location}: {mark}{problem.message}" if problem.location.path else f"{mark}{problem.message}"


def _count(found: "DatasetCheck", severity: Severity) -> str:
    from tracker.presentation.text import some

    return some(sum(problem.severity is severity for problem in found.problems), severity.value)


def _check_in_json(found: "DatasetCheck") -> None:
    import json

    problems = [
        {
            "path": problem.location.path or None,
            "line": problem.location.line or None,
            "severity": problem.severity.value,
            "message": problem.message,
        }
        for problem in found.problems
    ]
    typer.echo(json.dumps({"problems": problems, "counts": found.counts}, indent=2, ensure_ascii=False))


def load(ctx: typer.Context, directory: Dir = None, by: By = None) -> None:
    """Put a dataset into the store: all of it or nothing, and what is there already only once."""
    url, chosen = store(ctx), _folder(directory)
    given("--by", by)
    from tracker.services import records

    with _progress("Recording") as progress:
        loaded, warnings = records.load(url, chosen, by=by, progress=progress)
    _tell(loaded, warnings)


def record(ctx: typer.Context, files: Files, by: By = None) -> None:
    """Put files into the store, after the same checks against what is there."""
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
    """Derive the tables anew from the stored events."""
    url = store(ctx)
    from tracker.services import records

    what = "columns" if columns else "tables"
    typer.echo(f"The {what} are built anew, up to position {records.rebuild(url, columns=columns)}.")


def _folder(directory: Path | None) -> Path:
    from tracker.services.datasets import default_dataset

    return folder(directory or default_dataset())


def _is_a(file: Path, kind: str, key: str) -> None:
    """Raises: BadRequest where a file is something else; what is wrong with it is told when it is recorded."""
    from tracker.dataset.reader import read_statement

    statement, _ = read_statement(file)
    if statement is not None and type(statement).__name__ != kind:
        raise BadRequest(f"{file} has no `{key}`: use `tracker record` for what it is, or add `{key}`")


def _record(ctx: typer.Context, files: Sequence[Path], by: str | None) -> None:
    given("--by", by)
    url = store(ctx)
    from tracker.services import records

    _tell(*records.record(url, files, by=by))


def _tell(loaded: "Loaded", warnings: Sequence[Problem]) -> None:
    for problem in warnings:
        note(_line(problem))
    where = f" at positions {loaded.first}–{loaded.last}" if loaded.first is not None else ""
    typer.echo(f"{loaded.recorded} recorded, {loaded.amended} amended, {loaded.unchanged} unchanged{where}")


@contextmanager
def _progress(what: str) -> Iterator[Callable[[int, int], None] | None]:
    """A bar on stderr where somebody watches."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
