"""The command `states-at-scale`: what every track is on a day, out of parts that `export … assertions` wrote."""

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tracker.cli.context import given, note, now
from tracker.cli.options import AnnouncedBy, AsJson, AsOf, RecordedBy
from tracker.extras import require
from tracker.model.errors import BadRequest

if TYPE_CHECKING:
    from tracker.scale.work import Summary

ENGINES = "local|spark"


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command("states-at-scale")(states_at_scale)


def states_at_scale(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="Parts: `tracker export … assertions DIR`.")],
    as_of: AsOf = None,
    announced_by: AnnouncedBy = None,
    recorded_by: RecordedBy = None,
    engine: Annotated[str, typer.Option("--engine", metavar=ENGINES, help="What does the work.")] = "local",
    workers: Annotated[
        int | None, typer.Option("--workers", metavar="N", min=1, help="Processes. Default: one for each core.")
    ] = None,
    master: Annotated[
        str | None, typer.Option("--master", metavar="URL", help="Spark's master. Default: this machine.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Write the state of every track, as Parquet in parts.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Count, and write if asked, the state of every track of a record of any size, with a checksum of every row."""
    require("arrow")
    from tracker.scale.work import total
    from tracker.services.parts import Engine, PartsQuestion

    given("--master", master)
    if engine not in list(Engine):
        raise BadRequest(f"--engine {engine!r} is not there: write one of {', '.join(Engine)}")
    if (workers and engine != Engine.LOCAL) or (master and engine != Engine.SPARK):
        raise BadRequest("--workers is for the local engine, --master for Spark")
    for name, text in (("as-of", as_of), ("announced-by", announced_by), ("recorded-by", recorded_by)):
        given(f"--{name}", text)
    asked = PartsQuestion.of(directory, as_of, announced_by, recorded_by, now().date())
    begun = time.perf_counter()
    found = total(asked.on(Engine(engine), out, workers=workers, master=master))
    _show(found, as_json)
    note(f"{engine}: {time.perf_counter() - begun:.2f} s" + (f", written: {out}" if out else ""))


def _show(found: "Summary", as_json: bool) -> None:
    rows = {"parts": found.part, **found._asdict(), "checksum": f"{found.checksum:016x}"}
    del rows["part"]
    if as_json:
        import json

        print(json.dumps(rows))
        return
    for name, value in rows.items():
        sys.stdout.write(f"{name:<11} {value:>20,}\n" if isinstance(value, int) else f"{name:<11} {value:>20}\n")
