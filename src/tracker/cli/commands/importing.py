"""The commands `import csv` and `import oxcgrt`: tables of other projects as announcements."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from tracker.cli import json_output
from tracker.cli.context import folder, given, note, now, progress_bar, store
from tracker.cli.options import AsJson, By
from tracker.model.errors import BadRequest, Problem

if TYPE_CHECKING:
    from tracker.imports.job import ImportCounts
    from tracker.services.importing import ImportedEvents, ImportedVersions

MAX_PROBLEMS_SHOWN = 100  # the file of --problems gets all

group = typer.Typer(help="Import tables of other projects as announcements: see docs/imports.md.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.add_typer(group, name="import")


@group.command()
def csv(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A CSV file, or a gzip of one (….gz).")],
    mapping: Annotated[Path, typer.Option("--mapping", metavar="TOML", help="How rows become announcements.")],
    announced: Annotated[
        str | None,
        typer.Option("--announced", metavar="DATE", help="When this version of the file was published. Default: now."),
    ] = None,
    problems: Annotated[
        Path | None, typer.Option("--problems", metavar="FILE", help="Write everything that does not fit to FILE.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Read and check everything, and record nothing.")] = False,
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """Bring the record up to a version of a table. Exit code 1 if rows do not fit; the others are recorded."""
    given("--announced", announced)
    given("--by", by)
    url = store(ctx)
    from tracker.services import importing

    with _problems(problems) as report, progress_bar() as progress:
        tally, stored = importing.import_csv(
            url, file, mapping,
            announced=announced or now(), by=by, dry=dry_run, report=report, progress=progress,
        )  # fmt: skip
    _report_csv(tally, stored, as_json)
    if tally.problems:
        raise typer.Exit(1)


@group.command()
def oxcgrt(
    ctx: typer.Context,
    directory: Annotated[Path, typer.Argument(metavar="FOLDER", help="With versions.csv and revisions.csv.gz in it.")],
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """Record the Oxford COVID-19 tracker's international travel controls: every published version of its table."""
    given("--by", by)
    url = store(ctx)
    from tracker.services import importing

    with progress_bar() as progress:
        imported = importing.import_oxcgrt(url, folder(directory), by=by, progress=progress)
    _report_oxcgrt(imported, as_json)


@contextmanager
def _problems(path: Path | None) -> Iterator[Callable[[Problem], None]]:
    """A reporter of problems: the first go to stderr, all of them into a file."""
    if path is None:
        yield _Problems(None)
        return
    try:
        file = path.open("x", encoding="utf-8")
    except FileExistsError:
        raise BadRequest(f"--problems {path}: there is such a file already, and it is not overwritten") from None
    with file:
        yield _Problems(file)


class _Problems:
    def __init__(self, file: TextIO | None) -> None:
        self._file, self._count = file, 0

    def __call__(self, problem: Problem) -> None:
        line = f"{problem.location}: {problem.severity.mark}{problem.message}"
        if self._file is not None:
            self._file.write(f"{line}\n")
        self._count += 1
        if self._count <= MAX_PROBLEMS_SHOWN:
            note(line)
        elif self._count == MAX_PROBLEMS_SHOWN + 1:
            note("… and more: see the counts below, and --problems FILE for all of them")


def _report_csv(tally: "ImportCounts", stored: "ImportedEvents", as_json: bool) -> None:
    if as_json:
        json_output.show_values({**vars(tally), "stored": asdict(stored)})
        return
    typer.echo(f"{tally.rows:,} rows: {tally.said:,} say something, {tally.unfit:,} do not fit")
    for reason, count in sorted(tally.skipped.items()):
        typer.echo(f"  {count:,} skipped: {reason}")
    if tally.held_back:
        typer.echo(f"  {tally.held_back:,} announcements held back, as a row of theirs does not fit")
    typer.echo(
        f"{tally.subjects:,} registry entries, {tally.announcements:,} announcements, "
        f"{tally.corrections:,} corrections, {tally.retractions:,} retractions; "
        f"{tally.unchanged:,} announcements unchanged"
    )
    typer.echo(_stored(stored))


def _report_oxcgrt(imported: "ImportedVersions", as_json: bool) -> None:
    if as_json:
        json_output.show_values(asdict(imported))
        return
    typer.echo(
        f"{imported.cells:,} changes of cells in {imported.versions:,} versions: "
        f"{imported.announcements:,} announcements, {imported.corrections:,} corrections, "
        f"{imported.retractions:,} retractions"
    )
    typer.echo(_stored(imported.stored))


def _stored(stored: "ImportedEvents") -> str:
    where = f" at positions {stored.first}–{stored.last}" if stored.first is not None else ""
    return f"{stored.recorded:,} recorded, {stored.unchanged:,} unchanged{where}"
