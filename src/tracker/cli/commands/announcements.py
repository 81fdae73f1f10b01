"""The commands that ask about the record itself: `announcements`, `show`, `log`."""

from typing import Annotated

import typer

from tracker.cli import json_output
from tracker.cli.context import Asked, given, readable, tracker
from tracker.cli.options import AnnouncedBy, AsJson, AsOf, RecordedBy
from tracker.model.errors import BadRequest
from tracker.model.vocabulary import EffectType


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    for command in (announcements, show, log):
        app.command()(command)


def announcements(
    ctx: typer.Context,
    party: Annotated[str | None, typer.Option("--party", metavar="PARTY", help="Said by this party.")] = None,
    about: Annotated[
        str | None, typer.Option("--about", metavar="SUBJECT", help="With an effect on this subject or place.")
    ] = None,
    effect: Annotated[
        str | None, typer.Option("--type", metavar="EFFECT", help=f"With such an effect: {', '.join(EffectType)}.")
    ] = None,
    begin: Annotated[str | None, typer.Option("--from", metavar="DATE", help="Announced then or later.")] = None,
    end: Annotated[str | None, typer.Option("--to", metavar="DATE", help="Announced then or earlier.")] = None,
    text: Annotated[str | None, typer.Option("--text", metavar="WORDS", help="With these words.")] = None,
    source: Annotated[
        str | None, typer.Option("--source", metavar="WORDS", help="With a source of this publisher, title or address.")
    ] = None,
    as_of: AsOf = None, announced_by: AnnouncedBy = None, recorded_by: RecordedBy = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """List announcements: who said what, when, and where it was published."""
    for name, value in {"party": party, "about": about, "from": begin, "to": end, "text": text}.items():
        given(f"--{name}", value)
    given("--source", source)
    if effect is not None and effect not in [*EffectType]:
        raise BadRequest(f"--type {effect!r} is not an effect: write one of {', '.join(EffectType)}")
    asked = tracker(ctx)
    clocks = Asked(as_of, announced_by, recorded_by).on(asked)
    from tracker.queries.announcements import AnnouncementFilter
    from tracker.queries.announcements import announcements as query
    from tracker.queries.clocks import read_begin, read_instant

    tz = asked.record.tz
    wanted = AnnouncementFilter(
        party=party,
        about=about,
        effect=effect,
        begin=None if begin is None else read_begin("from", begin, tz),
        end=None if end is None else read_instant("to", end, tz),
        text=text,
        source=source,
    )
    answers = query(asked.record, clocks, wanted)
    if as_json:
        json_output.show(answers, one=False)
    else:
        from tracker.cli.views.announcement import show_list

        show_list(answers, clocks)


def show(
    ctx: typer.Context,
    announcement: Annotated[str, typer.Argument(metavar="ID", help="Of an announcement, correction or retraction.")],
    as_of: AsOf = None, announced_by: AnnouncedBy = None, recorded_by: RecordedBy = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Show one announcement: every version, who recorded it when, and what it changes at --as-of."""
    asked = tracker(ctx)
    clocks = Asked(as_of, announced_by, recorded_by).on(asked)
    from tracker.queries.announcements import show as query

    answer = query(asked.record, clocks, announcement)
    if as_json:
        json_output.show([answer], one=True)
    else:
        from tracker.cli.views.announcement import show_one

        show_one(answer)


def log(
    ctx: typer.Context,
    after: Annotated[int, typer.Option("--after", metavar="POSITION", help="Only what was stored behind it.")] = 0,
    limit: Annotated[int | None, typer.Option("--limit", metavar="NUMBER", help="No more than these.")] = None,
    as_json: AsJson = False,
) -> None:
    """List what was stored, in the order in which it was."""
    if after < 0 or (limit is not None and limit < 0):
        raise BadRequest("--after and --limit count events: write 0 or more")
    url = readable(ctx)
    from tracker.queries.log import log_entry
    from tracker.services import records

    entries = (log_entry(recorded) for recorded in records.log(url, after, limit))
    if as_json:
        json_output.show(entries, one=False)
    else:
        from tracker.cli.views.log import show_log

        show_log(entries)
