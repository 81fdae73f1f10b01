"""The command `routes`: every way from one territory to another."""

from typing import Annotated

import typer

from tracker.cli import json_output
from tracker.cli.context import Asked, given, tracker
from tracker.cli.options import AnnouncedBy, AsJson, AsOf, Goods, ModeOption, Only, RecordedBy, selection
from tracker.model.vocabulary import Traffic

Territory = Annotated[str, typer.Argument(metavar="TERRITORY", help="An id or a name.")]


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command()(routes)


def routes(
    ctx: typer.Context, origin: Territory, destination: Territory, mode: ModeOption = None,
    traffic: Annotated[
        Traffic, typer.Option("--traffic", help="What is to move.", case_sensitive=False)
    ] = Traffic.GOODS,
    goods: Goods = None, only: Only = None,
    opened: Annotated[
        bool, typer.Option("--opened", help="Show when the best status of all ways changed.")
    ] = False,
    as_of: AsOf = None, announced_by: AnnouncedBy = None, recorded_by: RecordedBy = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Show every way from one territory to another, the best first, each with what stands in it."""
    given("FROM", origin)
    given("TO", destination)
    selection(mode=mode, goods=goods, only=only)
    asked = tracker(ctx)
    clocks = Asked(as_of, announced_by, recorded_by).on(asked)
    from tracker.queries.routes import Journey
    from tracker.queries.routes import opened as opened_query
    from tracker.queries.routes import routes as routes_query

    journey = Journey(origin, destination, mode, traffic, goods, only)
    if opened:
        changes = opened_query(asked.record, clocks, journey)
        if as_json:
            json_output.show([changes], one=True)
        else:
            from tracker.cli.views.routes import show_opened

            show_opened(changes)
        return
    answer = routes_query(asked.record, clocks, journey)
    if as_json:
        json_output.show([answer], one=True)
    else:
        from tracker.cli.views.routes import show_routes

        show_routes(answer)
