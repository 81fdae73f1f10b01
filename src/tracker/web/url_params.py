"""The parameters of a page's address: the whole view is in them, so that every view is a link."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Self, TypeVar
from urllib.parse import quote, urlencode

from tracker.model.dates import Instant
from tracker.model.errors import BadRequest
from tracker.model.vocabulary import Mode, SubjectKind, Traffic
from tracker.queries.clocks import Clocks, read_instant
from tracker.queries.selection import Selection
from tracker.queries.supposed import MAX_SUPPOSED
from tracker.services.records import Tracker
from tracker.state.record import Record

DEFAULT_MODES = (Mode.ROAD, Mode.RAIL)
DEFAULT_KINDS = (SubjectKind.BORDER, SubjectKind.CROSSING, SubjectKind.CORRIDOR)
VIEWS, SCALES = ("map", "timelines", "table"), ("dense", "even")  # the first is the default
PARAMETERS = {"start": "from", "end": "to"}  # where a field has another name
MAX_PARAMETER_CHARS = 200

T = TypeVar("T", Mode, Traffic, SubjectKind)


@dataclass(frozen=True)
class ViewParams:
    """Date, knowledge, filters, selection and window of a page. Defaults are left out of the address."""

    as_of: str | None = None
    announced_by: str | None = None
    recorded_by: str | None = None
    mode: tuple[Mode, ...] = DEFAULT_MODES
    traffic: tuple[Traffic, ...] = (Traffic.GOODS,)
    goods: str | None = None
    only: tuple[str, ...] = ()  # classes
    origin: str | None = None  # territories
    destination: str | None = None
    kind: tuple[SubjectKind, ...] = DEFAULT_KINDS
    subject: str | None = None
    view: str = "map"
    scale: str = "dense"
    start: str | None = None  # of the window, inclusive
    end: str | None = None
    overlay: bool = True  # whether announced changes that are not in force are shown
    routes: bool = True
    suppose: tuple[str, ...] = ()  # statements that nobody has made: the panel answers as if they were

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Self:
        """Read the parameters of an address.

        Raises: BadRequest, naming the parameter.
        """
        given = {key: value.strip() for key, value in query.items() if value.strip()}
        for key, value in given.items():
            most = MAX_PARAMETER_CHARS * (MAX_SUPPOSED if key == "suppose" else 1)
            if len(value) > most:
                raise BadRequest(f"{key} is longer than {most} characters")
        goods = given.get("goods")
        Selection(goods=goods)  # raises
        return cls(
            as_of=given.get("as_of"),
            announced_by=given.get("announced_by"),
            recorded_by=given.get("recorded_by"),
            mode=tuple(_several("mode", given, Mode, DEFAULT_MODES)),
            traffic=tuple(_several("traffic", given, Traffic, (Traffic.GOODS,))),
            goods=goods,
            only=listed(given.get("only", "")),
            origin=given.get("origin"),
            destination=given.get("destination"),
            kind=tuple(_several("kind", given, SubjectKind, DEFAULT_KINDS)),
            subject=given.get("subject"),
            view=_one("view", given, VIEWS),
            scale=_one("scale", given, SCALES),
            start=given.get("from"),
            end=given.get("to"),
            overlay=not given.get("overlay", "1").startswith("0"),
            routes=not given.get("routes", "1").startswith("0"),
            suppose=listed(given.get("suppose", "")),
        )

    def clocks(self, tracker: Tracker) -> Clocks:
        """The clocks of the view.

        Raises: BadRequest.
        """
        return tracker.clocks(self.as_of, self.announced_by, self.recorded_by)

    def flow(self, record: Record) -> Selection:
        """The flow that the view asks about.

        Raises: UnknownSubject; BadRequest where two classes are of one group.
        """
        selection = Selection(goods=self.goods, only=self.only, origin=self.origin, destination=self.destination)
        return replace(selection, only=selection.question(record.view.registry).only.words)

    def window(self, tracker: Tracker) -> tuple[Instant | None, Instant | None]:
        """The start and the end of the part of time that is shown; None is that of the record.

        Raises: BadRequest.
        """
        start, end = (
            read_instant(name, text, tracker.record.tz) if text else None
            for name, text in (("from", self.start), ("to", self.end))
        )
        if start is not None and end is not None and start >= end:
            raise BadRequest(f"from {self.start} is not before to {self.end}: turn them around")
        return start, end

    def but(self, **changes: object) -> str:
        """The query of this view with changes."""
        return replace(self, **changes).query  # type: ignore[arg-type]

    def supposing(self, texts: Iterable[str]) -> str:
        """The address of this view, on the same page, with some statements supposed and no others."""
        return self.but(suppose=tuple(texts)) or "?"

    @property
    def query(self) -> str:
        """The query of this view with its question mark; empty if all is as by default."""
        default = type(self)()
        pairs = [
            (PARAMETERS.get(field.name, field.name), _text(getattr(self, field.name)))
            for field in fields(self)
            if getattr(self, field.name) != getattr(default, field.name)
        ]
        pairs = [(name, value) for name, value in pairs if value]
        return "?" + urlencode(pairs, safe=",:+", quote_via=quote) if pairs else ""

    @property
    def dated(self) -> str:
        """The query of the clocks alone, for links to other pages; empty if all are as by default."""
        return ViewParams(as_of=self.as_of, announced_by=self.announced_by, recorded_by=self.recorded_by).query

    @property
    def knowledge(self) -> str:
        """The clocks of knowledge that are set, for a badge; main.js writes the same."""
        said = [f"{self.announced_by} (said)"] if self.announced_by else []
        stored = [f"{self.recorded_by} (stored)"] if self.recorded_by else []
        return ", ".join(said + stored) or "now"

    @property
    def lane_filter(self) -> str:
        """Mode, traffic, goods and classes in words."""
        modes = "all modes" if len(self.mode) == len(Mode) else ", ".join(self.mode)
        traffic = "goods and people" if len(self.traffic) == 2 else ", ".join(self.traffic)
        parts = (
            ("HS ", self.goods),
            ("only ", ", ".join(self.only)),
            ("from ", self.origin),
            ("to ", self.destination),
        )
        flow = " ".join(word + part for word, part in parts if part)
        return f"{modes} · {traffic}" + (f" ({flow})" if flow else "")


def listed(text: str) -> tuple[str, ...]:
    """The values of a list with commas between, each once."""
    return tuple(dict.fromkeys(value for part in text.split(",") if (value := part.strip())))


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, tuple):
        return ",".join(value)
    return str(value) if value is not None else ""


def _several(name: str, given: Mapping[str, str], kind: type[T], default: Iterable[T]) -> Iterable[T]:
    if name not in given:
        return default
    try:
        values = {kind(value) for value in given[name].split(",") if value}
    except ValueError:
        raise BadRequest(f"{name} {given[name]!r} is not known: write some of {', '.join(kind)}") from None
    return [value for value in kind if value in values]


def _one(name: str, given: Mapping[str, str], values: tuple[str, ...]) -> str:
    value = given.get(name, values[0])
    if value not in values:
        raise BadRequest(f"{name} {value!r} is not known: write one of {', '.join(values)}")
    return value
