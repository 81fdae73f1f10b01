"""The commands `import csv` and `import oxcgrt`: other people's tables as announcements."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from tracker.cli.context import folder, given, note, now, store
from tracker.cli.options import AsJson
from tracker.model.errors import BadRequest, Problem, Severity

if TYPE_CHECKING:
    from tracker.imports.job import ImportCounts
    from tracker.services.importing import ImportedEvents, ImportedVersions

SHOWN = 100  # problems on the screen; all of them go into the file of --problems

By = Annotated[str | None, typer.Option("--by", metavar="NAME", help="Who records this.")]

group = typer.Typer(help="Import other people's tables as announcements: see docs/imports.md.", no_args_is_help=True)


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

    with _problems(problems) as report, _progress() as progress:
        tally, stored = importing.import_csv(
            url, file, mapping,
            announced=announced or now(), by=by, dry=dry_run, report=report, progress=progress,
        )  # fmt: skip
    _tell_csv(tally, stored, as_json)
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

    with _progress() as progress:
        imported = importing.import_oxcgrt(url, folder(directory), by=by, progress=progress)
    _tell_oxcgrt(imported, as_json)


@contextmanager
def _problems(path: Path | None) -> Iterator[Callable[[Problem], None]]:
    """Say what does not fit: the first ones on stderr, all of them in a file."""
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
        mark = "warning: " if problem.severity is Severity.WARNING else ""
        line = f"{problem.location}: {mark}{problem.message}"
        if self._file is not None:
            self._file.write(f"{line}\n")
        self._count += 1
        if self._count <= SHOWN:
            note(line)
        elif self._count == SHOWN + 1:
            note("… and more: see the counts below, and --problems FILE for all of them")


def _tell_csv(tally: "ImportCounts", stored: "ImportedEvents", as_json: bool) -> None:
    from dataclasses import asdict

    if as_json:
        import json

        typer.echo(json.dumps({**vars(tally), "stored": asdict(stored)}, indent=2, ensure_ascii=False))
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


def _tell_oxcgrt(imported: "ImportedVersions", as_json: bool) -> None:
    from dataclasses import asdict

    if as_json:
        import json

        typer.echo(json.dumps(asdict(imported), indent=2))
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


@contextmanager
def _progress() -> Iterator[Callable[[str, int, int], None]]:
    """A bar on stderr where somebody watches."""
    if not sys.stderr.isatty():
        yield lambda *_: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        tasks: dict[str, object] = {}

        def advance(what: str, done: int, total: int) -> None:
            task = tasks.get(what)
            if task is None:
                task = tasks[what] = bar.add_task(what, total=total)
            bar.update(task, completed=done, total=total)  # type: ignore[arg-type]

        yield advance
