"""What can be asked for: the parameters that several questions share. A parameter that is not known is refused."""

from enum import StrEnum
from typing import Annotated

from fastapi import Depends, Path, Request
from pydantic import BaseModel, ConfigDict, Field

from tracker.api.problems import blaming
from tracker.model.dates import DAY_FORM, INSTANT_FORM, Instant
from tracker.model.errors import TrackerError
from tracker.model.vocabulary import Mode, Status, SubjectKind, Traffic
from tracker.queries.clocks import Clocks, read_begin, read_instant
from tracker.queries.selection import Selection
from tracker.services.records import Tracker

LONGEST_PAGE = 5000
DATE = rf"^({DAY_FORM.pattern}|{INSTANT_FORM.pattern})$"
Word = Annotated[str, Field(min_length=1, max_length=200)]


async def asked(request: Request) -> Tracker:
    """The record for the whole of one answer."""
    tracker = request.scope.get("tracker") or request.app.state.service.live.held
    assert isinstance(tracker, Tracker)
    return tracker


Asked = Annotated[Tracker, Depends(asked)]
SubjectPath = Annotated[str, Path(min_length=1, max_length=200, description="An id or a name.", examples=["tr-am-az"])]


class Format(StrEnum):
    """How a list is written."""

    JSON = "json"
    CSV = "csv"
    NDJSON = "ndjson"


class Question(BaseModel):
    """Common to all: nothing that is not known is let pass."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Clocked(Question):
    """The three clocks."""

    as_of: Word | None = Field(
        None,
        description="The date asked about: a day (its close, in the dataset's time zone) or an instant with its "
        "offset. Default: today.",
        examples=["2025-10-28"],
        json_schema_extra={"pattern": DATE},
    )
    announced_by: Word | None = Field(
        None,
        description="Only what had been announced in public by then. Default: everything.",
        examples=["2025-10-25"],
        json_schema_extra={"pattern": DATE},
    )
    recorded_by: Word | None = Field(
        None,
        description="Only what this tracker had recorded by then: a position of its log, a day (UTC) or an instant "
        "with its offset. Default: everything.",
        examples=["2026-12-31"],
    )

    def on(self, tracker: Tracker) -> Clocks:
        """The clocks as the queries take them.

        Raises: Blamed.
        """
        try:
            return tracker.clocks(self.as_of, self.announced_by, self.recorded_by)
        except TrackerError:
            for name in ("as_of", "announced_by", "recorded_by"):
                with blaming(name):
                    tracker.clocks(**{**dict.fromkeys(("as_of", "announced_by", "recorded_by")),
                                      name: getattr(self, name)})  # fmt: skip
            raise


class Lanes(Question):
    """Which lanes."""

    mode: Mode | None = Field(None, description="Only this mode.", examples=["rail"])
    traffic: Traffic | None = Field(None, description="Only this traffic.", examples=["goods"])
    direction: Word | None = Field(None, description='Only this way, as "FROM>TO".', examples=["RU>AM"])
    goods: Word | None = Field(
        None,
        description="Ask for goods of this HS 2022 prefix, of 2 to 10 digits; 1001 is wheat.",
        examples=["1001"],
        json_schema_extra={"pattern": r"^[0-9]{2,10}$"},
    )
    only: Word | None = Field(
        None, description="Ask for a narrower class, in the words of a measure.", examples=["humanitarian aid"]
    )

    def selection(self, *subjects: str, kind: SubjectKind | None = None, status: Status | None = None) -> Selection:
        """What the question is about.

        Raises: Blamed.
        """
        with blaming("goods"):
            return Selection(subjects, kind, self.mode, self.traffic, self.direction, status, self.goods, self.only)


class Kind(StrEnum):
    """The kinds of what has a state."""

    BORDER = "border"
    CROSSING = "crossing"
    CORRIDOR = "corridor"
    MEASURE = "measure"
    INSTRUMENT = "instrument"


class Subjects(Lanes):
    """Which subjects, and which of their lanes."""

    subject: list[Word] = Field(
        default_factory=list,
        description="Only this one, by its id or a name; may be repeated.",
        examples=[["tr-am-az"]],
        max_length=200,
    )
    kind: Kind | None = Field(None, description="Only this kind.", examples=["corridor"])

    def chosen(self, status: Status | None = None) -> Selection:
        """What the question is about.

        Raises: Blamed.
        """
        return self.selection(*self.subject, kind=SubjectKind(self.kind) if self.kind else None, status=status)


class Listed(Question):
    """How a list is handed out."""

    format: Format = Field(Format.JSON, description="JSON, CSV (flat rows) or JSON lines.", examples=["json"])
    bom: bool = Field(False, description="Begin CSV with a byte order mark, for Excel.", examples=[False])
    limit: int = Field(1000, ge=1, le=LONGEST_PAGE, description="No more than these on a page.", examples=[100])
    after: Word | None = Field(
        None, description="Go on behind this item: take it from the Link header (rel=next) of the page before."
    )


class Spanned(Question):
    """From when on."""

    begin: Word | None = Field(
        None,
        alias="from",
        description="Only from then on: a day (its start) or an instant with its offset. Default: the beginning.",
        examples=["2025-01-01"],
        json_schema_extra={"pattern": DATE},
    )

    def begins(self, tracker: Tracker) -> Instant | None:
        """Raises: Blamed."""
        with blaming("from"):
            return None if self.begin is None else read_begin("from", self.begin, tracker.record.tz)


def instant(tracker: Tracker, name: str, text: str | None) -> Instant | None:
    """The close of a day, or an instant.

    Raises: Blamed.
    """
    with blaming(name):
        return None if text is None else read_instant(name, text, tracker.record.tz)
