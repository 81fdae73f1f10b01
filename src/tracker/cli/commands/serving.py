"""The commands `serve` and `config`."""

import importlib
import os
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tracker.cli.context import note, now, origin

if TYPE_CHECKING:
    from tracker.settings import Settings

SERVER = "tracker.serve"  # not imported by name: the command line needs no web framework
HTTP = "tracker.api.middleware.header_timeout:Impatient"  # closes a connection on which no whole request arrives
KEEP_ALIVE = 15  # seconds that an idle connection stays open
Host = Annotated[str | None, typer.Option("--host", metavar="ADDRESS", help="The address to listen on.")]
Port = Annotated[int | None, typer.Option("--port", metavar="NUMBER", help="The port to listen on.")]
Workers = Annotated[int | None, typer.Option("--workers", metavar="NUMBER", help="How many processes serve.")]


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.command()(serve)
    app.command()(config)


def serve(ctx: typer.Context, host: Host = None, port: Port = None, workers: Workers = None) -> None:
    """Answer over HTTP: pages at /, the API under /api/v1, its documentation at /api/v1/docs."""
    from tracker.settings import read_settings

    settings = read_settings(_flags(ctx, host=host, port=port, workers=workers))
    import uvicorn

    common: dict[str, Any] = {
        "host": settings.host, "port": settings.port, "access_log": False, "log_level": "warning",
        "server_header": False, "http": HTTP, "timeout_keep_alive": KEEP_ALIVE, "timeout_graceful_shutdown": 5,
    }  # fmt: skip
    if settings.workers == 1:
        application = importlib.import_module(SERVER).create(settings)
        _welcome(settings)
        uvicorn.run(application, **common)
        return
    _check(settings)
    os.environ.update(_environment(settings))
    _welcome(settings)
    uvicorn.run(f"{SERVER}:create", factory=True, workers=settings.workers, **common)


def _flags(ctx: typer.Context, **flags: Any) -> dict[str, Any]:
    asked = origin(ctx)
    store = None if asked.store == os.environ.get("TRACKER_STORE") else asked.store
    replica = None if asked.replica == os.environ.get("TRACKER_REPLICA") else asked.replica
    return {**flags, "events": asked.events, "store": store, "replica": replica}


def _welcome(settings: "Settings") -> None:
    note(f"http://{settings.host}:{settings.port}/ – the API's documentation: /api/v1/docs – Ctrl-C ends it")


def _check(settings: "Settings") -> None:
    """Raises: what an answer would, before there are several processes to raise it."""
    from tracker.services import records

    if settings.events is None:
        records.from_store(settings.store, now(), note, replica=settings.replica)


def _environment(settings: "Settings") -> dict[str, str]:
    """What other processes cannot know otherwise: the flags."""
    found = {
        "TRACKER_STORE": settings.store, "TRACKER_REPLICA": settings.replica, "TRACKER_EVENTS": settings.events,
    }  # fmt: skip
    return {name: str(value) for name, value in found.items() if value is not None}


def config(ctx: typer.Context, host: Host = None, port: Port = None, workers: Workers = None) -> None:
    """Show every setting that is in force, and where its value comes from."""
    from tracker.cli.console import open_console, print_title
    from tracker.cli.table_layout import PrintedRow, print_table
    from tracker.settings import Settings, in_force

    found = in_force(_flags(ctx, host=host, port=port, workers=workers))
    fields = Settings.model_fields
    rows = [PrintedRow(each.name, (each.value, each.source), fields[each.name].description or "") for each in found]
    console = open_console()
    print_title(console, "Settings", "flags over the environment (TRACKER_*) over tracker.toml over defaults")
    print_table(console, ("setting", "value", "from", "what it is"), rows)
