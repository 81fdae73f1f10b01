"""The commands that ask about states: `state`, `why`, `history`, `diff`, `changes`, `replay`, `promises`.

Each reads its options, asks one query and shows its answers as JSON or as a table. Queries and tables are imported
when they are needed, so that a start pays for no other.
"""

import sys
from datetime import tzinfo
from typing import TYPE_CHECKING, Annotated

import typer

from tracker.cli import json_output
from tracker.cli.context import terminal, tracker
from tracker.cli.options import (
    AsJson,
    ClockOptions,
    KindOption,
    LaneOptions,
    StatusOption,
    SubjectOption,
    Subjects,
    Supposed,
    question,
    supposing,
)
from tracker.model.errors import BadRequest
from tracker.model.vocabulary import PledgeStatus

if TYPE_CHECKING:
    from tracker.queries.clocks import Clocks

MAX_PAUSE = 60  # seconds, after a step of a replay

OneSubject = Annotated[str, typer.Argument(metavar="SUBJECT", help="An id or a name.")]
Date = Annotated[str, typer.Argument(metavar="DATE")]
Known = Annotated[bool, typer.Option("--known", help="Compare what was known by the two dates about --as-of.")]
From = Annotated[str | None, typer.Option("--from", metavar="DATE", help="Default: the first change.")]
To = Annotated[str | None, typer.Option("--to", metavar="DATE", help="Default: --as-of.")]
StatusOnly = Annotated[bool, typer.Option("--status-only", help="Only changes of the status, whatever decides it.")]
About = Annotated[str | None, typer.Option("--about", metavar="SUBJECT", help="Only what concerns it.")]
ByParty = Annotated[str | None, typer.Option("--party", metavar="PARTY", help="Only by statements of this party.")]
Format = Annotated[str, typer.Option("--format", metavar="table|csv|json", help="How to write it.")]
Step = Annotated[str, typer.Option("--step", metavar="day|event", help="How much to show at a time.")]
Speed = Annotated[float, typer.Option("--speed", metavar="SECONDS", help="The pause after each step, on a terminal.")]
Party = Annotated[str | None, typer.Option("--party", metavar="PARTY", help="Only this party's.")]
OfStatus = Annotated[
    PledgeStatus | None, typer.Option("--status", help="Only pledges like this.", case_sensitive=False)
]


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    for command in (state, why, history, diff, changes, replay, promises):
        app.command()(command)


@question
def state(
    ctx: typer.Context, subjects: Subjects = None, kind: KindOption = None, status: StatusOption = None,
    supposed: Supposed = None, *, lanes: LaneOptions, clocks: ClockOptions, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Show the state of borders, crossings, corridors, measures and instruments."""
    selection = lanes.selection(subjects, kind, status)
    record, at = clocks.ask(ctx, supposed)
    from tracker.queries.state import state as query

    answers = query(record, at, selection)
    if as_json:
        json_output.show(answers, one=len(selection.subjects) == 1)
        return
    from tracker.cli.views.states import show_state

    show_state(answers, at, selection)


@question
def why(
    ctx: typer.Context, subject: OneSubject, supposed: Supposed = None, *,
    lanes: LaneOptions, clocks: ClockOptions, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Show the reasons for a subject's state, place by place, with sources."""
    selection = lanes.selection([subject])
    record, at = clocks.ask(ctx, supposed)
    from tracker.queries.why import why as query

    answer = query(record, at, selection)
    if as_json:
        json_output.show([answer], one=True)
        return
    from tracker.cli.views.why import show_why

    show_why(answer, selection)


@question
def history(
    ctx: typer.Context, subjects: Subjects = None, kind: KindOption = None, status_only: StatusOnly = False, *,
    lanes: LaneOptions, clocks: ClockOptions, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Show every change of status and of what decides it, with the announcement behind it. --as-of marks a line."""
    selection = lanes.selection(subjects, kind)
    record, at = clocks.ask(ctx)
    from tracker.queries.history import history as query

    answers = query(record, at, selection, status_only=status_only)
    if as_json:
        json_output.show(answers, one=len(selection.subjects) == 1)
        return
    from tracker.cli.views.changes import show_history

    show_history(answers, selection, clocks.as_of)


@question
def diff(
    ctx: typer.Context, first: Date, second: Date, known: Known = False, subjects: SubjectOption = None,
    kind: KindOption = None, supposed: Supposed = None, *,
    lanes: LaneOptions, clocks: ClockOptions, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Show what changed between two dates; with --known, what was learned between them about a third."""
    selection = lanes.selection(subjects, kind)
    if known and clocks.announced_by is not None:
        raise BadRequest("--known compares two dates of announcement: leave --announced-by out")
    if not known and clocks.as_of is not None:
        raise BadRequest("--as-of goes with --known: without it, the two dates are the dates asked about")
    source = tracker(ctx)
    clock = "announced_by" if known else "as_of"
    before, after = (clocks._replace(**{clock: date}).on(source) for date in (first, second))
    from tracker.queries.diff import diff as query

    later, after = supposing(source.record, after, supposed)
    answer = query(source.record, before, after, selection, later=later)
    if as_json:
        json_output.show([answer], one=True)
        return
    from tracker.cli.views.changes import show_diff

    show_diff(answer)


@question
def changes(
    ctx: typer.Context, begin: From = None, end: To = None, about: About = None, party: ByParty = None,
    subjects: SubjectOption = None, kind: KindOption = None, form: Format = "table", *,
    lanes: LaneOptions, clocks: ClockOptions, as_json: AsJson = False,
) -> None:  # fmt: skip
    """List every change in a period: of lanes, measures and texts, with the statement behind it."""
    selection = lanes.selection(subjects, kind)
    if form not in ("table", "csv", "json"):
        raise BadRequest(f"--format {form!r} is not a format: write table, csv or json")
    record, at = clocks.ask(ctx)
    from tracker.queries.changes import changes as query

    answers = query(record, at, *_period(record.tz, begin, end, at), selection, about=about, party=party)
    if as_json or form == "json":
        json_output.show(answers, one=False)
        return
    if form == "csv":
        from tracker.queries.tabular import csv_of

        sys.stdout.write(csv_of("changes-in-period", answers))
        return
    from tracker.cli.views.changes import show_changes

    show_changes(answers)


def _period(tz: tzinfo, begin: str | None, end: str | None, at: "Clocks") -> tuple[int, int]:
    """The instants of --from and --to, by default the beginning of time and the date asked about."""
    from tracker.model.dates import BEGINNING
    from tracker.queries.clocks import read_begin, read_instant

    first = BEGINNING if begin is None else read_begin("from", begin, tz)
    last = at.as_of if end is None else read_instant("to", end, tz)
    if first > last:
        raise BadRequest(f"--from {begin} is later than --to {end or at.as_of_text}: turn them around")
    return first, last


@question
def replay(
    ctx: typer.Context, begin: From = None, end: To = None, step: Step = "day", speed: Speed = 0.15,
    subjects: SubjectOption = None, kind: KindOption = None, *,
    lanes: LaneOptions, clocks: ClockOptions, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Step through history and show only what changes."""
    selection = lanes.selection(subjects, kind)
    if step not in ("day", "event"):
        raise BadRequest(f"--step {step!r} is not a step: write day or event")
    if not 0 <= speed <= MAX_PAUSE:
        raise BadRequest(f"--speed {speed} is not a pause: write 0 to {MAX_PAUSE} seconds")
    record, at = clocks.ask(ctx)
    from tracker.queries.changes import replay as query

    frames = query(record, at, *_period(record.tz, begin, end, at), selection, by_day=step == "day")
    if as_json:
        json_output.show(frames, one=False)
        return
    from tracker.cli.views.changes import show_replay

    show_replay(frames, speed if terminal() else 0)


@question
def promises(
    ctx: typer.Context, party: Party = None, status: OfStatus = None, *, clocks: ClockOptions, as_json: AsJson = False
) -> None:
    """Show pledges, their outcome, and how long it took."""
    record, at = clocks.ask(ctx)
    from tracker.queries.promises import promises as query

    answers = query(record, at, party, status)
    if as_json:
        json_output.show(answers, one=False)
        return
    from tracker.cli.views.states import show_promises

    show_promises(answers, at)
