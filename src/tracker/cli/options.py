"""The options that several commands share, and the groups that the questions take them in."""

import inspect
from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer
from typer.models import OptionInfo

from tracker.cli.context import given, tracker
from tracker.model.errors import BadRequest
from tracker.model.vocabulary import Mode, Status, SubjectKind, Traffic

if TYPE_CHECKING:
    from tracker.model.announcement import Statement
    from tracker.queries.clocks import Clocks
    from tracker.queries.selection import Selection
    from tracker.services.records import Tracker
    from tracker.state.record import Record

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
By = Annotated[str | None, typer.Option("--by", metavar="NAME", help="Who records this.")]

Subjects = Annotated[
    list[str] | None, typer.Argument(metavar="[SUBJECT]...", help="Ids or names. Default: all.", show_default=False)
]
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
    list[str] | None,
    typer.Option(
        "--only", metavar="CLASS", help='Ask for a narrower class: "humanitarian aid". May be repeated: one of a group.'
    ),
]

Supposed = Annotated[
    list[str] | None,
    typer.Option(
        "--suppose",
        metavar="STATEMENT|FILE",
        help='Answer as if this were said, too: "lift MEASURE", "permit MEASURE", "ready PLACE" and the like, from '
        "--as-of on, or a file, with its own dates. May be repeated; nothing is stored.",
    ),
]
Origin = Annotated[
    str | None, typer.Option("--origin", metavar="TERRITORY", help="Ask for what comes from this territory.")
]
Destination = Annotated[
    str | None, typer.Option("--destination", metavar="TERRITORY", help="Ask for what goes to this territory.")
]


class ClockOptions(NamedTuple):
    """The clocks of a question, as written."""

    as_of: AsOf = None
    announced_by: AnnouncedBy = None
    recorded_by: RecordedBy = None

    def ask(self, ctx: typer.Context, supposed: list[str] | None = None) -> "tuple[Record, Clocks]":
        """The record that the global options name, and the clocks as its queries take them.

        Args: supposed: statements, or files with some, that are on the record for this question only.
        Raises: BadRequest, DatasetErrors, and what the store raises.
        """
        source = tracker(ctx)
        return supposing(source.record, self.on(source), supposed)

    def on(self, source: "Tracker") -> "Clocks":
        """The clocks as the queries of a record take them.

        Raises: BadRequest.
        """
        return source.clocks(*self)


def supposing(record: "Record", clocks: "Clocks", supposed: list[str] | None) -> "tuple[Record, Clocks]":
    """A record with the statements of --suppose, and the clocks to ask it by.

    Raises: BadRequest, DatasetErrors.
    """
    if not supposed:
        return record, clocks
    from tracker.queries.supposed import suppose
    from tracker.services.new_statements import read_files

    def read(record: "Record", text: str) -> "Sequence[Statement] | None":
        return read_files(record, [Path(text)])[0] if text.endswith(".toml") else None

    return suppose(record, clocks, supposed, read)


class LaneOptions(NamedTuple):
    """The lanes that a question is about, and the flow that it asks for."""

    mode: ModeOption = None
    traffic: TrafficOption = None
    direction: Direction = None
    goods: Goods = None
    only: Only = None
    origin: Origin = None
    destination: Destination = None

    def selection(
        self, subjects: list[str] | None = None, kind: SubjectKind | None = None, status: Status | None = None
    ) -> "Selection":
        """The lanes that the options choose, of some subjects or of all.

        Raises: BadRequest.
        """
        from tracker.queries.selection import KINDS, Selection

        if kind is not None and kind not in KINDS:
            raise BadRequest(f"--kind {kind} has no state: write one of {', '.join(KINDS)}")
        return Selection(
            tuple(subjects or ()), kind, self.mode, self.traffic, self.direction, status, self.goods,
            tuple(self.only or ()), self.origin, self.destination,
        )  # fmt: skip


GROUPS: tuple[Any, ...] = (ClockOptions, LaneOptions)


def question(command: Callable[..., None]) -> Callable[..., None]:
    """A command as typer takes it: each group of options becomes the options in it, and none may be blank.

    Raises: BadRequest, when it is called, where a text is blank.
    """
    signature = inspect.signature(command)
    groups = {name: option.annotation for name, option in signature.parameters.items() if option.annotation in GROUPS}
    parameters = [single for option in signature.parameters.values() for single in _ungrouped(option)]

    @wraps(command)
    def run(**values: Any) -> None:
        for parameter in parameters:
            value = values[parameter.name]
            for text in value if isinstance(value, list) else [value]:
                if isinstance(text, str):
                    given(_written(parameter), text)
        for name, group in groups.items():
            values[name] = group(*(values.pop(field) for field in group._fields))
        command(**values)

    run.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return run


def _ungrouped(parameter: inspect.Parameter) -> list[inspect.Parameter]:
    group = parameter.annotation
    if group not in GROUPS:
        return [parameter]
    defaults = group._field_defaults
    return [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=defaults[name], annotation=annotation)
        for name, annotation in group.__annotations__.items()
    ]


def _written(parameter: inspect.Parameter) -> str:
    """An option or argument as the user writes it."""
    [info] = parameter.annotation.__metadata__
    return str(info.default if isinstance(info, OptionInfo) else info.metavar)
