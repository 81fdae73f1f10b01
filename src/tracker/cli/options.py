"""The options that several commands share."""

from typing import TYPE_CHECKING, Annotated

import typer

from tracker.cli.context import given
from tracker.model.errors import BadRequest
from tracker.model.vocabulary import Mode, Status, SubjectKind, Traffic

if TYPE_CHECKING:
    from tracker.queries.selection import Selection

AsOf = Annotated[
    str | None,
    typer.Option(
        "--as-of",
        metavar="DATE",
        help="The date asked about: a day (its close) or an instant with its offset. Default: today.",
    ),
]
AnnouncedBy = Annotated[
    str | None,
    typer.Option("--announced-by", metavar="DATE", help="Only what had been announced by then. Default: everything."),
]
RecordedBy = Annotated[
    str | None,
    typer.Option(
        "--recorded-by",
        metavar="DATE|POSITION",
        help="Only what this tracker had recorded by then. Default: everything.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Answer in JSON: see docs/json.md.")]

Subjects = Annotated[
    list[str] | None, typer.Argument(metavar="[SUBJECT]...", help="Ids or names. Default: all.", show_default=False)
]
OneSubject = Annotated[str, typer.Argument(metavar="SUBJECT", help="An id or a name.")]
SubjectOption = Annotated[
    list[str] | None, typer.Option("--subject", metavar="SUBJECT", help="Only this one; may be repeated.")
]
KindOption = Annotated[
    SubjectKind | None,
    typer.Option(
        "--kind", metavar="border|crossing|corridor|measure|instrument", help="Only this kind.", case_sensitive=False
    ),
]
ModeOption = Annotated[Mode | None, typer.Option("--mode", help="Only this mode.", case_sensitive=False)]
TrafficOption = Annotated[Traffic | None, typer.Option("--traffic", help="Only this traffic.", case_sensitive=False)]
Direction = Annotated[str | None, typer.Option("--direction", metavar="FROM>TO", help='Only this way: "RU>AM".')]
StatusOption = Annotated[Status | None, typer.Option("--status", help="Only lanes like this.", case_sensitive=False)]
Goods = Annotated[
    str | None, typer.Option("--goods", metavar="HS", help="Ask for goods of this HS prefix: 1001 is wheat.")
]
Only = Annotated[
    str | None, typer.Option("--only", metavar="CLASS", help='Ask for a narrower class: "humanitarian aid".')
]


def selection(
    subjects: list[str] | None = None,
    *,
    kind: SubjectKind | None = None,
    mode: Mode | None = None,
    traffic: Traffic | None = None,
    direction: str | None = None,
    status: Status | None = None,
    goods: str | None = None,
    only: str | None = None,
) -> "Selection":
    """What a question is about.

    Raises: BadRequest.
    """
    from tracker.queries.selection import KINDS, Selection

    if kind is not None and kind not in KINDS:
        raise BadRequest(f"--kind {kind} has no state: write one of {', '.join(KINDS)}")
    given("--direction", direction)
    given("--only", only)
    return Selection(tuple(subjects or ()), kind, mode, traffic, direction, status, goods, only)
