"""The commands that ask about the record itself: `announcements`, `show`, `log`."""

from typing import Annotated

import typer

from tracker.cli import json_output
from tracker.cli.context import origin, readable
from tracker.cli.options import AsJson, ClockOptions, question
from tracker.model.errors import BadRequest
from tracker.model.vocabulary import EffectType

Party = Annotated[str | None, typer.Option("--party", metavar="PARTY", help="Said by this party.")]
About = Annotated[
    str | None, typer.Option("--about", metavar="NAME", help="Concerning this place, measure, text, party or pledge.")
]
Effect = Annotated[
    EffectType | None,
    typer.Option(
        "--type", metavar="EFFECT", help=f"With such an effect: {', '.join(EffectType)}.", case_sensitive=False
    ),
]
From = Annotated[str | None, typer.Option("--from", metavar="DATE", help="Announced then or later.")]
To = Annotated[str | None, typer.Option("--to", metavar="DATE", help="Announced then or earlier.")]
Words = Annotated[str | None, typer.Option("--text", metavar="WORDS", help="With these words, in any order.")]
Source = Annotated[
    str | None, typer.Option("--source", metavar="WORDS", help="With a source of this publisher, title or address.")
]
Name = Annotated[str, typer.Argument(metavar="ID", help="The id of an announcement, correction or retraction.")]
After = Annotated[int, typer.Option("--after", metavar="POSITION", help="Only events behind this position.")]
Limit = Annotated[int | None, typer.Option("--limit", metavar="NUMBER", help="At most so many events.")]


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    for command in (announcements, show, log):
        app.command()(command)


@question
def announcements(
    ctx: typer.Context, party: Party = None, about: About = None, effect: Effect = None, begin: From = None,
    end: To = None, text: Words = None, source: Source = None, *, clocks: ClockOptions, as_json: AsJson = False,
) -> None:  # fmt: skip
    """List announcements: who said what, when, and where it was published."""
    record, at = clocks.ask(ctx)
    from tracker.queries.announcements import AnnouncementFilter
    from tracker.queries.announcements import announcements as query
    from tracker.queries.clocks import read_begin, read_instant

    wanted = AnnouncementFilter(
        party=party,
        about=about,
        effect=effect,
        begin=None if begin is None else read_begin("from", begin, record.tz),
        end=None if end is None else read_instant("to", end, record.tz),
        text=text,
        source=source,
    )
    answers = query(record, at, wanted)
    if as_json:
        json_output.show(answers, one=False)
        return
    from tracker.cli.views.announcements import show_announcements

    show_announcements(answers, at)


@question
def show(ctx: typer.Context, announcement: Name, *, clocks: ClockOptions, as_json: AsJson = False) -> None:
    """Show one announcement: every version, who recorded it when, and what it changes at --as-of."""
    record, at = clocks.ask(ctx)
    from tracker.queries.announcements import show as query

    answer = query(record, at, announcement)
    if as_json:
        json_output.show([answer], one=True)
        return
    from tracker.cli.views.announcements import show_announcement

    show_announcement(answer, stored=origin(ctx).events is None)


def log(ctx: typer.Context, after: After = 0, limit: Limit = None, as_json: AsJson = False) -> None:
    """List the stored events, in the order in which they were recorded."""
    if after < 0 or (limit is not None and limit < 0):
        raise BadRequest("--after and --limit count events: write 0 or more")
    url = readable(ctx)
    from tracker.queries.log import log_entry
    from tracker.services import records

    entries = (log_entry(recorded) for recorded in records.log(url, after, limit))
    if as_json:
        json_output.show(entries, one=False)
        return
    from tracker.cli.views.announcements import show_log

    show_log(entries)
