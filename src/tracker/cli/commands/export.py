"""The commands `export`, which writes flat tables, and `states-at-scale`, which asks the parts that it wrote."""

import io
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

from tracker.cli.context import folder, note, now, origin, terminal
from tracker.cli.options import AsJson, ClockOptions, KindOption, LaneOptions, SubjectOption, question
from tracker.extras import require
from tracker.model.errors import BadRequest
from tracker.model.new_files import new_file

if TYPE_CHECKING:
    from tracker.queries.clocks import Clocks
    from tracker.queries.selection import Selection
    from tracker.queries.tabular import FlatRow
    from tracker.scale.work import Summary
    from tracker.state.record import Record

Columns = Mapping[str, type]

ASSERTIONS_COMMAND = "`tracker export --format parquet assertions --parts N DIR`"
DEFAULT_PARTS = 8  # files of assertions


class TableFormat(StrEnum):
    """The file format of a table."""

    CSV = "csv"
    JSON = "json"
    PARQUET = "parquet"


class ExportedTable(StrEnum):
    """The content of an export."""

    STATE = "state"
    HISTORY = "history"
    ANNOUNCEMENTS = "announcements"
    ASSERTIONS = "assertions"


TableName = Annotated[
    ExportedTable | None,
    typer.Argument(metavar="[state|history|announcements|assertions]", case_sensitive=False, show_default=False),
]
PartsFolder = Annotated[
    Path | None, typer.Argument(metavar="[DIR]", help="Of assertions: where their parts go.", show_default=False)
]
Form = Annotated[TableFormat, typer.Option("--format", help="How to write it.", case_sensitive=False)]
OutFile = Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Default: standard output.")]
PackageFolder = Annotated[
    Path | None, typer.Option("--datapackage", metavar="DIR", help="Everything, as a Frictionless Data Package.")
]
PartCount = Annotated[
    int | None, typer.Option("--parts", metavar="N", help="Of assertions: into how many files. Default: 8.")
]
Parts = Annotated[Path, typer.Argument(metavar="DIR", help="Parts: `tracker export … assertions DIR`.")]
EngineName = Annotated[str, typer.Option("--engine", metavar="local|spark", help="The engine that does the work.")]
Workers = Annotated[
    int | None, typer.Option("--workers", metavar="N", min=1, help="Processes. Default: one for each core.")
]
Master = Annotated[str | None, typer.Option("--master", metavar="URL", help="Spark's master. Default: this machine.")]
OutFolder = Annotated[
    Path | None, typer.Option("--out", metavar="DIR", help="Write the state of every track, as Parquet in parts.")
]


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.command()(export)
    app.command("states-at-scale")(states_at_scale)


@question
def export(
    ctx: typer.Context, table: TableName = None, directory: PartsFolder = None, form: Form = TableFormat.CSV,
    out: OutFile = None, datapackage: PackageFolder = None, parts: PartCount = None, subjects: SubjectOption = None,
    kind: KindOption = None, *, clocks: ClockOptions,
) -> None:  # fmt: skip
    """Write one flat table: a row for each lane, each change of status, or each announcement; or all as a package.

    Assertions (every value of every track, and the time in which it was known) go into a folder, as Parquet in parts.
    """
    if table is ExportedTable.ASSERTIONS:
        if datapackage or out or subjects or kind or any(clocks) or form is not TableFormat.PARQUET:
            raise BadRequest(f"assertions go whole, as Parquet, into a folder: {ASSERTIONS_COMMAND}")
        _export_assertions(ctx, directory, DEFAULT_PARTS if parts is None else parts)
        return
    if directory is not None or parts is not None:
        raise BadRequest(f"a folder and --parts are for assertions: {ASSERTIONS_COMMAND}; a table goes to --out FILE")
    if datapackage is not None:
        if table or out or subjects or kind:
            raise BadRequest("--datapackage writes everything into its own folder: give no table, file or subject")
        _export_package(ctx, datapackage, clocks)
        return
    if table is None:
        raise BadRequest(
            "say what to export: state, history, announcements or assertions; or --datapackage DIR for everything"
        )
    if form is TableFormat.PARQUET and out is None and terminal():
        raise BadRequest("parquet is not for reading on a terminal: give --out FILE, or a pipe")
    if table is ExportedTable.ANNOUNCEMENTS and (subjects or kind):
        raise BadRequest("--subject and --kind are for states and histories: see `tracker announcements --about`")
    selection = LaneOptions().selection(subjects, kind)
    columns, rows = _flat_table(table, *clocks.ask(ctx), selection)
    write = {TableFormat.CSV: _write_csv, TableFormat.JSON: _write_json, TableFormat.PARQUET: _write_parquet}[form]
    if out is None:
        write(sys.stdout.buffer, columns, rows)
        sys.stdout.buffer.flush()
        return
    _write_whole(out, lambda file: write(file, columns, rows))
    note(f"written: {out}")


def _export_package(ctx: typer.Context, directory: Path, clocks: ClockOptions) -> None:
    record, at = clocks.ask(ctx)
    from tracker.services.datapackage import write_package

    files = write_package(record, at, directory, now())
    note(f"written: {directory}, {len(files)} files")


def _export_assertions(ctx: typer.Context, directory: Path | None, parts: int) -> None:
    if directory is None:
        raise BadRequest(f"say where the assertions go: {ASSERTIONS_COMMAND}")
    require("arrow")
    from tracker.services import parts as exporting

    place = origin(ctx)
    if place.events is not None:
        written = exporting.export_files(folder(place.events), directory, parts, now())
    else:
        written = exporting.export_store(place.store, directory, parts, note)
    note(f"written: {directory}, {written:,} assertions in {parts} {'part' if parts == 1 else 'parts'}")


def _flat_table(
    table: ExportedTable, record: "Record", clocks: "Clocks", selection: "Selection"
) -> "tuple[Columns, Iterator[FlatRow]]":
    from tracker.queries import tabular

    match table:
        case ExportedTable.STATE:
            from tracker.queries.state import state

            return tabular.STATE, tabular.state_rows(state(record, clocks, selection))
        case ExportedTable.HISTORY:
            from tracker.queries.history import history

            return tabular.HISTORY, tabular.history_rows(history(record, clocks, selection))
        case ExportedTable.ANNOUNCEMENTS:
            from tracker.queries.announcements import AnnouncementFilter, announcements

            return tabular.ANNOUNCEMENTS, tabular.announcement_rows(announcements(record, clocks, AnnouncementFilter()))
        case ExportedTable.ASSERTIONS:
            raise AssertionError("assertions go into parts")


def _write_csv(file: BinaryIO, columns: Columns, rows: "Iterable[FlatRow]") -> None:
    from tracker.queries.tabular import csv_text

    file.write(csv_text(columns, rows).encode())


def _write_json(file: BinaryIO, columns: Columns, rows: "Iterable[FlatRow]") -> None:
    import json

    for number, row in enumerate(rows):
        line = json.dumps({name: row.get(name) for name in columns}, ensure_ascii=False)
        file.write((",\n" if number else "[\n").encode() + line.encode())
    file.write(b"\n]\n")


def _write_parquet(file: BinaryIO, columns: Columns, rows: "Iterable[FlatRow]") -> None:
    require("arrow")
    from pyarrow.parquet import write_table

    from tracker.queries.tabular import arrow

    buffer = io.BytesIO()
    write_table(arrow(columns, rows), buffer)
    file.write(buffer.getvalue())


def _write_whole(path: Path, write: Callable[[BinaryIO], None]) -> None:
    """Write a file beside its place, then move it there: readers never see half of it."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with os.fdopen(new_file(beside), "wb") as file:
            write(file)
        beside.replace(path)
    finally:
        with suppress(OSError):
            beside.unlink()


@question
def states_at_scale(
    directory: Parts, engine: EngineName = "local", workers: Workers = None, master: Master = None,
    out: OutFolder = None, *, clocks: ClockOptions, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Count, and write if asked, the state of every track of a record of any size, with a checksum of every row."""
    require("arrow")
    from tracker.scale.work import total
    from tracker.services.parts import Engine, PartsQuestion

    if engine not in list(Engine):
        raise BadRequest(f"--engine {engine!r} is not there: write one of {', '.join(Engine)}")
    if (workers and engine != Engine.LOCAL) or (master and engine != Engine.SPARK):
        raise BadRequest("--workers is for the local engine, --master for Spark")
    parts = PartsQuestion.of(directory, *clocks, now().date())
    begun = time.perf_counter()
    summary = total(parts.on(Engine(engine), out, workers=workers, master=master))
    _print_summary(summary, as_json)
    note(f"{engine}: {time.perf_counter() - begun:.2f} s" + (f", written: {out}" if out else ""))


def _print_summary(summary: "Summary", as_json: bool) -> None:
    rows = {"parts": summary.part, **summary._asdict(), "checksum": f"{summary.checksum:016x}"}
    del rows["part"]
    if as_json:
        import json

        sys.stdout.write(json.dumps(rows) + "\n")
        return
    for name, value in rows.items():
        sys.stdout.write(f"{name:<11} {value:>20,}\n" if isinstance(value, int) else f"{name:<11} {value:>20}\n")
