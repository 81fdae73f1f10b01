"""The command `export`: everything as one flat table, for spreadsheets and programs."""

import io
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

from tracker.cli.context import Asked, folder, note, now, origin, terminal, tracker
from tracker.cli.options import AnnouncedBy, AsOf, KindOption, RecordedBy, SubjectOption, selection
from tracker.extras import require
from tracker.model.errors import BadRequest

if TYPE_CHECKING:
    from tracker.queries.clocks import Clocks
    from tracker.queries.selection import Selection
    from tracker.queries.tabular import FlatRow
    from tracker.services.records import Tracker

Columns = Mapping[str, type]

ASSERTIONS = "`tracker export --format parquet assertions --parts N DIR`"


class Format(StrEnum):
    """How a table is written."""

    CSV = "csv"
    JSON = "json"
    PARQUET = "parquet"


class Table(StrEnum):
    """What there is to export."""

    STATE = "state"
    HISTORY = "history"
    ANNOUNCEMENTS = "announcements"
    ASSERTIONS = "assertions"


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command()(export)


def export(
    ctx: typer.Context,
    table: Annotated[
        Table | None,
        typer.Argument(metavar="[state|history|announcements|assertions]", case_sensitive=False, show_default=False),
    ] = None,
    directory: Annotated[
        Path | None, typer.Argument(metavar="[DIR]", help="Of assertions: where their parts go.", show_default=False)
    ] = None,
    form: Annotated[Format, typer.Option("--format", help="How to write it.", case_sensitive=False)] = Format.CSV,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Default: standard output.")] = None,
    datapackage: Annotated[
        Path | None, typer.Option("--datapackage", metavar="DIR", help="Everything, as a Frictionless Data Package.")
    ] = None,
    parts: Annotated[
        int | None, typer.Option("--parts", metavar="N", help="Of assertions: into how many files. Default: 8.")
    ] = None,
    subjects: SubjectOption = None, kind: KindOption = None, as_of: AsOf = None, announced_by: AnnouncedBy = None,
    recorded_by: RecordedBy = None,
) -> None:  # fmt: skip
    """Write one flat table: a row for each lane, each change of status, or each announcement; or all as a package.

    Assertions, all that was ever said on every track and when it was known, go into a folder as Parquet in parts.
    """
    if table is Table.ASSERTIONS:
        if datapackage or out or subjects or kind or as_of or announced_by or recorded_by or form is not Format.PARQUET:
            raise BadRequest(f"assertions go whole, as Parquet, into a folder: {ASSERTIONS}")
        _assertions(ctx, directory, 8 if parts is None else parts)
        return
    if directory is not None or parts is not None:
        raise BadRequest(f"a folder and --parts are for assertions: {ASSERTIONS}; a table goes to --out FILE")
    if datapackage is not None:
        if table or out or subjects or kind:
            raise BadRequest("--datapackage writes everything into its own folder: give no table, file or subject")
        _package(ctx, datapackage, Asked(as_of, announced_by, recorded_by))
        return
    if table is None:
        raise BadRequest(
            "say what to export: state, history, announcements or assertions; or --datapackage DIR for everything"
        )
    if form is Format.PARQUET and out is None and terminal():
        raise BadRequest("parquet is not for reading on a terminal: give --out FILE, or a pipe")
    if table is Table.ANNOUNCEMENTS and (subjects or kind):
        raise BadRequest("--subject and --kind are for states and histories: see `tracker announcements --about`")
    chosen = selection(subjects, kind=kind)
    asked = tracker(ctx)
    clocks = Asked(as_of, announced_by, recorded_by).on(asked)
    columns, rows = _table(asked, table, clocks, chosen)
    write = {Format.CSV: _csv, Format.JSON: _json, Format.PARQUET: _parquet}[form]
    if out is None:
        write(sys.stdout.buffer, columns, rows)
        sys.stdout.buffer.flush()
        return
    _whole(out, lambda file: write(file, columns, rows))
    note(f"written: {out}")


def _package(ctx: typer.Context, directory: Path, asked: Asked) -> None:
    found = tracker(ctx)
    clocks = asked.on(found)
    from tracker.services.datapackage import write_package

    files = write_package(found.record, clocks, directory, now())
    note(f"written: {directory}, {len(files)} files")


def _assertions(ctx: typer.Context, directory: Path | None, parts: int) -> None:
    if directory is None:
        raise BadRequest(f"say where the assertions go: {ASSERTIONS}")
    require("arrow")
    from tracker.services import parts as exporting

    place = origin(ctx)
    if place.events is not None:
        written = exporting.export_files(folder(place.events), directory, parts, now())
    else:
        written = exporting.export_store(place.store, directory, parts, note)
    note(f"written: {directory}, {written:,} assertions in {parts} {'part' if parts == 1 else 'parts'}")


def _table(
    asked: "Tracker", table: Table, clocks: "Clocks", chosen: "Selection"
) -> "tuple[Columns, Iterator[FlatRow]]":
    from tracker.queries import tabular

    match table:
        case Table.STATE:
            from tracker.queries.state import state

            return tabular.STATE, tabular.state_rows(state(asked.record, clocks, chosen))
        case Table.HISTORY:
            from tracker.queries.history import history

            return tabular.HISTORY, tabular.history_rows(history(asked.record, clocks, chosen))
        case Table.ANNOUNCEMENTS:
            from tracker.queries.announcements import AnnouncementFilter, announcements

            return tabular.ANNOUNCEMENTS, tabular.announcement_rows(
                announcements(asked.record, clocks, AnnouncementFilter())
            )
        case Table.ASSERTIONS:
            raise AssertionError("assertions go into parts")


def _csv(file: BinaryIO, columns: Columns, rows: "Iterable[FlatRow]") -> None:
    from tracker.queries.tabular import csv_text

    file.write(csv_text(columns, rows).encode())


def _json(file: BinaryIO, columns: Columns, rows: "Iterable[FlatRow]") -> None:
    import json

    for number, row in enumerate(rows):
        line = json.dumps({name: row.get(name) for name in columns}, ensure_ascii=False)
        file.write((",\n" if number else "[\n").encode() + line.encode())
    file.write(b"\n]\n")


def _parquet(file: BinaryIO, columns: Columns, rows: "Iterable[FlatRow]") -> None:
    require("arrow")
    from pyarrow.parquet import write_table

    from tracker.queries.tabular import arrow

    written = io.BytesIO()
    write_table(arrow(columns, rows), written)
    file.write(written.getvalue())


def _whole(path: Path, write: Callable[[BinaryIO], None]) -> None:
    """Write a file beside, then put it in place: nobody sees half of it."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with beside.open("wb") as file:
            write(file)
        beside.replace(path)
    finally:
        with suppress(OSError):
            beside.unlink()
