"""Query parameters that several endpoints share. An unknown parameter is refused."""

from enum import StrEnum
from typing import Annotated

from fastapi import Depends, Path, Request
from pydantic import BaseModel, ConfigDict, Field

from tracker.api.problems import blaming
from tracker.model.dates import Instant
from tracker.model.errors import TrackerError
from tracker.model.vocabulary import Mode, Status, SubjectKind, Traffic
from tracker.queries.clocks import Clocks, read_begin, read_instant
from tracker.queries.selection import Selection
from tracker.queries.supposed import MAX_SUPPOSED, suppose
from tracker.services.records import Tracker
from tracker.state.record import Record

MAX_PAGE_SIZE = 5000
MAX_CLASSES = 20  # in one question
DATE_PATTERN = r"^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)? ?(Z|[+-]\d{2}:\d{2}(:\d{2})?))?$"
MODES_PATTERN = f"^({'|'.join(Mode)})(,({'|'.join(Mode)}))*$"
GOODS_PATTERN = r"^[0-9]{2,10}$"
CLOCKS = ("as_of", "announced_by", "recorded_by")
ShortText = Annotated[str, Field(min_length=1, max_length=200)]


FIRM_PARAMETER = Field(
    False,
    description="Want a word on record, or traffic: that nothing is known to stand in the way is not enough.",
    examples=[False],
)


async def current_tracker(request: Request) -> Tracker:
    """The record that the whole response is computed from."""
    tracker = request.scope.get("tracker") or request.app.state.server.live.held
    assert isinstance(tracker, Tracker)
    return tracker


CurrentTracker = Annotated[Tracker, Depends(current_tracker)]
SubjectPath = Annotated[str, Path(min_length=1, max_length=200, description="An id or a name.", examples=["tr-am-az"])]


class Format(StrEnum):
    """How a list is written."""

    JSON = "json"
    CSV = "csv"
    NDJSON = "ndjson"


class QueryParameters(BaseModel):
    """The query of an endpoint; unknown parameters are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class ClockParameters(QueryParameters):
    """The three clocks."""

    as_of: ShortText | None = Field(
        None,
        description="The date asked about: a day (its close, in the dataset's time zone) or an instant with its "
        "offset. Default: today.",
        examples=["2025-10-28"],
        json_schema_extra={"pattern": DATE_PATTERN},
    )
    announced_by: ShortText | None = Field(
        None,
        description="Only what had been announced in public by then. Default: everything.",
        examples=["2025-10-25"],
        json_schema_extra={"pattern": DATE_PATTERN},
    )
    recorded_by: ShortText | None = Field(
        None,
        description="Only what this tracker had recorded by then: a position of its log, a day (UTC) or an instant "
        "with its offset. Default: everything.",
        examples=["2026-12-31"],
    )

    def clocks(self, tracker: Tracker) -> Clocks:
        """The clocks of the query.

        Raises: ParameterError, naming the clock that cannot be read.
        """
        try:
            return tracker.clocks(self.as_of, self.announced_by, self.recorded_by)
        except TrackerError:
            for name in CLOCKS:  # each by itself, so that the error names it
                with blaming(name):
                    tracker.clocks(**{**dict.fromkeys(CLOCKS), name: getattr(self, name)})
            raise


class SupposeParameters(ClockParameters):
    """The three clocks, and statements that are supposed."""

    suppose: list[ShortText] = Field(
        default_factory=list,
        description="Answer as if this were said, too, from `as_of` on: `lift MEASURE`, `impose MEASURE`, "
        "`permit MEASURE`, `revoke MEASURE` or `ready PLACE`; may be repeated. Nothing is stored.",
        examples=[["lift tr-closure-1993"]],
        max_length=MAX_SUPPOSED,
    )

    def supposed(self, record: Record, clocks: Clocks) -> tuple[Record, Clocks]:
        """The record with what is supposed, and the clocks to ask it by.

        Raises: ParameterError.
        """
        with blaming("suppose"):
            return suppose(record, clocks, self.suppose)


ONLY_PARAMETER: list[str] = Field(
    default_factory=list,
    description="Ask for a narrower class, by its id or name, or in the words of a measure; may be repeated, for "
    "classes of several groups.",
    examples=[["humanitarian aid"]],
    max_length=MAX_CLASSES,
)


class LaneParameters(QueryParameters):
    """The lanes asked about, and the flow on them."""

    mode: Mode | None = Field(None, description="Only this mode.", examples=["rail"])
    traffic: Traffic | None = Field(None, description="Only this traffic.", examples=["goods"])
    direction: ShortText | None = Field(None, description='Only this way, as "FROM>TO".', examples=["RU>AM"])
    goods: ShortText | None = Field(
        None,
        description="Ask for goods of this HS 2022 prefix, of 2 to 10 digits; 1001 is wheat.",
        examples=["1001"],
        json_schema_extra={"pattern": GOODS_PATTERN},
    )
    only: list[ShortText] = ONLY_PARAMETER
    origin: ShortText | None = Field(
        None, description="Ask for what comes from this territory: its id or name.", examples=["RU"]
    )
    destination: ShortText | None = Field(
        None, description="Ask for what goes to this territory: its id or name.", examples=["AM"]
    )

    def lanes_of(self, *subjects: str, kind: SubjectKind | None = None, status: Status | None = None) -> Selection:
        """The chosen lanes of some subjects; of all where none is named.

        Raises: ParameterError.
        """
        with blaming("goods"):
            return Selection(
                subjects, kind, self.mode, self.traffic, self.direction, status, self.goods, tuple(self.only),
                self.origin, self.destination,
            )  # fmt: skip


class Kind(StrEnum):
    """The kinds of subjects that have a state."""

    BORDER = "border"
    CROSSING = "crossing"
    CORRIDOR = "corridor"
    MEASURE = "measure"
    INSTRUMENT = "instrument"


class SubjectParameters(LaneParameters):
    """The subjects asked about, and their lanes."""

    subject: list[ShortText] = Field(
        default_factory=list,
        description="Only this one, by its id or a name; may be repeated.",
        examples=[["tr-am-az"]],
        max_length=200,
    )
    kind: Kind | None = Field(None, description="Only this kind.", examples=["corridor"])

    def selection(self, status: Status | None = None) -> Selection:
        """The chosen subjects and lanes.

        Raises: ParameterError.
        """
        return self.lanes_of(*self.subject, kind=SubjectKind(self.kind) if self.kind else None, status=status)


class ListParameters(QueryParameters):
    """The format of a list, and its page."""

    format: Format = Field(Format.JSON, description="JSON, CSV (flat rows) or JSON lines.", examples=["json"])
    bom: bool = Field(False, description="Begin CSV with a byte order mark, for Excel.", examples=[False])
    limit: int = Field(1000, ge=1, le=MAX_PAGE_SIZE, description="At most this many on a page.", examples=[100])
    after: ShortText | None = Field(
        None, description="Go on after this item: take it from the Link header (rel=next) of the previous page."
    )


class StartParameter(QueryParameters):
    """The earliest date of a list."""

    start: ShortText | None = Field(
        None,
        alias="from",
        description="Only from then on: a day (its start) or an instant with its offset. Default: the beginning.",
        examples=["2025-01-01"],
        json_schema_extra={"pattern": DATE_PATTERN},
    )

    def start_instant(self, tracker: Tracker) -> Instant | None:
        """The first instant of the list; None is the beginning.

        Raises: ParameterError.
        """
        with blaming("from"):
            return None if self.start is None else read_begin("from", self.start, tracker.record.tz)


def end_instant(tracker: Tracker, name: str, text: str | None) -> Instant | None:
    """An instant, or the close of a day, that a parameter names.

    Raises: ParameterError.
    """
    with blaming(name):
        return None if text is None else read_instant(name, text, tracker.record.tz)
