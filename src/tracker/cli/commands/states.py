"""The commands that ask about states: `state`, `why`, `history`, `diff`, `replay`, `promises`."""

from typing import Annotated

import typer

from tracker.cli import json_output
from tracker.cli.context import Asked, given, terminal, tracker
from tracker.cli.options import (
    AnnouncedBy,
    AsJson,
    AsOf,
    Direction,
    Goods,
    KindOption,
    ModeOption,
    OneSubject,
    Only,
    RecordedBy,
    StatusOption,
    SubjectOption,
    Subjects,
    TrafficOption,
    selection,
)
from tracker.model.errors import BadRequest
from tracker.model.vocabulary import PledgeStatus

Date = Annotated[str, typer.Argument(metavar="DATE")]
Step = Annotated[str, typer.Option("--step", metavar="day|event", help="How much to show at a time.")]
Speed = Annotated[float, typer.Option("--speed", metavar="SECONDS", help="The pause after each step, on a terminal.")]


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    for command in (state, why, history, diff, replay, promises):
        app.command()(command)


def state(
    ctx: typer.Context, subjects: Subjects = None, kind: KindOption = None, mode: ModeOption = None,
    traffic: TrafficOption = None, direction: Direction = None, status: StatusOption = None, goods: Goods = None,
    only: Only = None, as_of: AsOf = None, announced_by: AnnouncedBy = None, recorded_by: RecordedBy = None,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Show the state of borders, crossings, corridors, measures and instruments."""
    chosen = selection(subjects, kind=kind, mode=mode, traffic=traffic, direction=direction, status=status,
                       goods=goods, only=only)  # fmt: skip
    asked = tracker(ctx)
    clocks = Asked(as_of, announced_by, recorded_by).on(asked)
    from tracker.queries.state import state as query

    answers = query(asked.record, clocks, chosen)
    if as_json:
        json_output.show(answers, one=len(chosen.subjects) == 1)
    else:
        from tracker.cli.views.states import show_state

        show_state(answers, clocks, chosen)


def why(
    ctx: typer.Context, subject: OneSubject, mode: ModeOption = None, traffic: TrafficOption = None,
    direction: Direction = None, goods: Goods = None, only: Only = None, as_of: AsOf = None,
    announced_by: AnnouncedBy = None, recorded_by: RecordedBy = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Show what makes a subject's state what it is, place by place, with sources."""
    chosen = selection([subject], mode=mode, traffic=traffic, direction=direction, goods=goods, only=only)
    asked = tracker(ctx)
    clocks = Asked(as_of, announced_by, recorded_by).on(asked)
    from tracker.queries.why import why as query

    answer = query(asked.record, clocks, chosen)
    if as_json:
        json_output.show([answer], one=True)
    else:
        from tracker.cli.views.why import show_why

        show_why(answer, chosen)


def history(
    ctx: typer.Context, subjects: Subjects = None, kind: KindOption = None, mode: ModeOption = None,
    traffic: TrafficOption = None, direction: Direction = None, goods: Goods = None, only: Only = None,
    as_of: AsOf = None, announced_by: AnnouncedBy = None, recorded_by: RecordedBy = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Show every change of status, with the announcement that made it. Here --as-of marks the line that held then."""
    chosen = selection(subjects, kind=kind, mode=mode, traffic=traffic, direction=direction, goods=goods, only=only)
    asked = tracker(ctx)
    clocks = Asked(as_of, announced_by, recorded_by).on(asked)
    from tracker.queries.history import history as query

    answers = query(asked.record, clocks, chosen)
    if as_json:
        json_output.show(answers, one=len(chosen.subjects) == 1)
    else:
        from tracker.cli.views.history import show_history

        show_history(answers, chosen, as_of)


def diff(
    ctx: typer.Context, first: Date, second: Date,
    known: Annotated[
        bool, typer.Option("--known", help="Compare what was known by the two dates about --as-of.")
    ] = False,
    subjects: SubjectOption = None, kind: KindOption = None, mode: ModeOption = None, traffic: TrafficOption = None,
    direction: Direction = None, goods: Goods = None, only: Only = None, as_of: AsOf = None,
    announced_by: AnnouncedBy = None, recorded_by: RecordedBy = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Show what changed between two dates; with --known, what was learned between them about a third."""
    chosen = selection(subjects, kind=kind, mode=mode, traffic=traffic, direction=direction, goods=goods, only=only)
    given("DATE", first)
    given("DATE", second)
    if known and announced_by is not None:
        raise BadRequest("--known compares two dates of announcement: leave --announced-by out")
    if not known and as_of is not None:
        raise BadRequest("--as-of goes with --known: without it, the two dates are the dates asked about")
    asked = tracker(ctx)
    before, after = (
        Asked(as_of, date, recorded_by) if known else Asked(date, announced_by, recorded_by) for date in (first, second)
    )
    from tracker.queries.diff import diff as query

    answer = query(asked.record, before.on(asked), after.on(asked), chosen)
    if as_json:
        json_output.show([answer], one=True)
    else:
        from tracker.cli.views.diff import show_diff

        show_diff(answer)


def replay(
    ctx: typer.Context,
    begin: Annotated[str | None, typer.Option("--from", metavar="DATE", help="Default: the first change.")] = None,
    end: Annotated[str | None, typer.Option("--to", metavar="DATE", help="Default: --as-of.")] = None,
    step: Step = "day", speed: Speed = 0.15, subjects: SubjectOption = None, kind: KindOption = None,
    mode: ModeOption = None, traffic: TrafficOption = None, direction: Direction = None, goods: Goods = None,
    only: Only = None, as_of: AsOf = None, announced_by: AnnouncedBy = None, recorded_by: RecordedBy = None,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Step through history and show only what changes."""
    chosen = selection(subjects, kind=kind, mode=mode, traffic=traffic, direction=direction, goods=goods, only=only)
    if step not in ("day", "event"):
        raise BadRequest(f"--step {step!r} is not a step: write day or event")
    if not 0 <= speed <= 60:
        raise BadRequest(f"--speed {speed} is not a pause: write 0 to 60 seconds")
    given("--from", begin)
    given("--to", end)
    asked = tracker(ctx)
    clocks = Asked(as_of, announced_by, recorded_by).on(asked)
    from tracker.model.dates import BEGINNING
    from tracker.queries.clocks import read_begin, read_instant
    from tracker.queries.history import replay as query

    tz = asked.record.tz
    first = BEGINNING if begin is None else read_begin("from", begin, tz)
    last = clocks.as_of if end is None else read_instant("to", end, tz)
    if first > last:
        raise BadRequest(f"--from {begin} is later than --to {end or clocks.as_of_text}: turn them around")
    frames = query(asked.record, clocks, first, last, chosen, by_day=step == "day")
    if as_json:
        json_output.show(frames, one=False)
    else:
        from tracker.cli.views.replay import show_replay

        show_replay(frames, speed if terminal() else 0)


def promises(
    ctx: typer.Context,
    party: Annotated[str | None, typer.Option("--party", metavar="PARTY", help="Only this party's.")] = None,
    status: Annotated[
        PledgeStatus | None, typer.Option("--status", help="Only pledges like this.", case_sensitive=False)
    ] = None,
    as_of: AsOf = None, announced_by: AnnouncedBy = None, recorded_by: RecordedBy = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Show what was promised, what became of it, and how long it took."""
    given("--party", party)
    asked = tracker(ctx)
    clocks = Asked(as_of, announced_by, recorded_by).on(asked)
    from tracker.queries.promises import promises as query

    answers = query(asked.record, clocks, party, status)
    if as_json:
        json_output.show(answers, one=False)
    else:
        from tracker.cli.views.promises import show_promises

        show_promises(answers, clocks)
