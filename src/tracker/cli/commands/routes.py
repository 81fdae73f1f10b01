"""The commands that ask about ways: `routes`, and `needs`, which asks what is missing on a way or a lane."""

from typing import Annotated

import typer

from tracker.cli import json_output
from tracker.cli.options import (
    AsJson,
    ClockOptions,
    Goods,
    LaneOptions,
    ModeOption,
    Only,
    Supposed,
    question,
)
from tracker.model.errors import BadRequest
from tracker.model.vocabulary import Traffic

Territory = Annotated[str, typer.Argument(metavar="TERRITORY", help="An id or a name.")]
SubjectOrStart = Annotated[
    str, typer.Argument(metavar="SUBJECT|FROM", help="A border, crossing or corridor, or the territory to start from.")
]
Destination = Annotated[str | None, typer.Argument(metavar="[TO]", help="The territory to get to.", show_default=False)]
Cargo = Annotated[Traffic, typer.Option("--traffic", help="Goods or people to move.", case_sensitive=False)]
Modes = Annotated[
    str | None, typer.Option("--modes", metavar="MODE,MODE...", help="Ways that change between these modes, too.")
]
Opened = Annotated[bool, typer.Option("--opened", help="Show when the best status of all ways changed.")]
Firm = Annotated[
    bool, typer.Option("--firm", help="Want a word on record: that nothing is known to stand in the way is not enough.")
]


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    for command in (routes, needs):
        app.command()(command)


@question
def routes(
    ctx: typer.Context, origin: Territory, destination: Territory, mode: ModeOption = None, modes: Modes = None,
    traffic: Cargo = Traffic.GOODS, goods: Goods = None, only: Only = None, opened: Opened = False,
    supposed: Supposed = None, *, clocks: ClockOptions, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Show every way from one territory to another, the best first, each with what stands in it."""
    LaneOptions(mode=mode, goods=goods, only=only).selection()  # refuses goods that are no HS prefix
    if opened and supposed:
        raise BadRequest("--opened shows what was, and --suppose asks what if: leave one of them out")
    record, at = clocks.ask(ctx, supposed)
    from tracker.queries.routes import Journey, read_modes
    from tracker.queries.routes import opened as changes_query
    from tracker.queries.routes import routes as query

    journey = Journey(origin, destination, mode, traffic, goods, tuple(only or ()), read_modes("modes", modes))
    if opened:
        changes = changes_query(record, at, journey)
        if as_json:
            json_output.show([changes], one=True)
            return
        from tracker.cli.views.routes import show_opened

        show_opened(changes)
        return
    answer = query(record, at, journey)
    if as_json:
        json_output.show([answer], one=True)
        return
    from tracker.cli.views.routes import show_routes

    show_routes(answer)


@question
def needs(
    ctx: typer.Context, subject: SubjectOrStart, to: Destination = None, modes: Modes = None, firm: Firm = False,
    supposed: Supposed = None, *, lanes: LaneOptions, clocks: ClockOptions, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Show the fewest things missing until a lane, or a way between two territories, is passable."""
    if to is None and modes is not None:
        raise BadRequest("--modes goes with two territories: name where it starts and ends, or use --mode")
    selection = lanes.selection([subject])
    if to is not None:
        for option in ("direction", "origin", "destination"):
            if getattr(lanes, option) is not None:
                raise BadRequest(f"--{option} goes with one subject: between two territories, leave it out")
    record, at = clocks.ask(ctx, supposed)
    from tracker.cli.views.routes import show_journey_needs, show_needs
    from tracker.queries.needs import journey_needs
    from tracker.queries.needs import needs as query
    from tracker.queries.routes import Journey, read_modes

    if to is None:
        answer = query(record, at, selection, firm=firm)
        if as_json:
            json_output.show([answer], one=True)
        else:
            show_needs(answer, selection)
        return
    traffic = lanes.traffic or Traffic.GOODS
    only = tuple(lanes.only or ())
    journey = Journey(subject, to, lanes.mode, traffic, lanes.goods, only, read_modes("modes", modes))
    routes = journey_needs(record, at, journey, firm=firm)
    if as_json:
        json_output.show([routes], one=True)
    else:
        show_journey_needs(routes)
