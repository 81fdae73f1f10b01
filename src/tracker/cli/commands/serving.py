"""The commands `serve` and `config`."""

import gc
import importlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tracker.cli import context
from tracker.cli.context import note, now
from tracker.extras import require

if TYPE_CHECKING:
    from tracker.settings import Settings

SERVER = "tracker.serve"  # not imported by name: the command line needs no web framework
HTTP = "tracker.api.connections:BoundedProtocol"  # ends connections of peers that neither send nor take
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
    require("serve")
    import uvicorn

    from tracker.settings import hand_down, read_settings

    flags = _flags(ctx, host=host, port=port, workers=workers)
    settings = read_settings(flags)
    common: dict[str, Any] = {
        "host": settings.host, "port": settings.port, "access_log": False, "log_level": "warning",
        "server_header": False, "proxy_headers": False, "http": HTTP, "ws": "none", "timeout_keep_alive": KEEP_ALIVE,
        "timeout_graceful_shutdown": 5,
    }  # fmt: skip
    if settings.workers == 1:
        application = importlib.import_module(SERVER).create(settings)
        _welcome(settings)
        gc.freeze()  # the collector need not look at the record each time, which would stop all threads
        uvicorn.run(application, **common)
        return
    _check(settings)
    hand_down(flags)
    _welcome(settings)
    uvicorn.run(f"{SERVER}:create", factory=True, workers=settings.workers, **common)


def _flags(ctx: typer.Context, **flags: Any) -> dict[str, Any]:
    return {**context.flags(ctx)._asdict(), **flags}


def _welcome(settings: "Settings") -> None:
    note(f"http://{settings.host}:{settings.port}/ – the API's documentation: /api/v1/docs – Ctrl-C ends it")


def _check(settings: "Settings") -> None:
    """Read the record once, so that errors are raised before there are several processes to raise them."""
    from tracker.services import records
    from tracker.services.stores import origin_of

    place = origin_of(settings)
    if place.events is None:
        records.from_store(place.store, now(), note, replica=place.replica)


def config(ctx: typer.Context, host: Host = None, port: Port = None, workers: Workers = None) -> None:
    """Show every setting that is in force, and where its value comes from."""
    from tracker.cli.console import open_console, print_title
    from tracker.cli.table_layout import PrintedRow, print_table
    from tracker.settings import Settings, in_force

    settings = in_force(_flags(ctx, host=host, port=port, workers=workers))
    fields = Settings.model_fields
    rows = [PrintedRow(name, (value, source), fields[name].description or "") for name, value, source in settings]
    values = {name: value for name, value, _ in settings if value != "none"}
    console = open_console()
    print_title(console, "Settings", "flags over the environment (TRACKER_*) over tracker.toml over defaults")
    print_table(console, ("setting", "value", "from", "what it is"), rows)
    console.print(_origin(values), soft_wrap=True)


def _origin(values: Mapping[str, str]) -> str:
    """Where answers come from, and what is recorded goes, by the settings that are given."""
    from tracker.services.stores import default_store

    store = values.get("store", f"{default_store()} (your own, as none is set)")
    match "events" in values, "store" in values:
        case True, True:
            return "Answers: both `events` and `store` are set: take one away, or give --events or --store"
        case True, False:
            return f"Answers come from the files in {values['events']}; `load` and `record` write to the store {store}"
        case _:
            return f"Answers come from the store {store}; `load` and `record` write to it"
