"""What a page is asked to show; the whole of it is its address, so that every view is a link."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Self, TypeVar
from urllib.parse import quote, urlencode

from tracker.model.dates import Instant
from tracker.model.errors import BadRequest
from tracker.model.vocabulary import Mode, SubjectKind, Traffic
from tracker.queries.clocks import Clocks, read_instant
from tracker.queries.selection import Selection
from tracker.services.records import Tracker

LANDS = (Mode.ROAD, Mode.RAIL)
KINDS = (SubjectKind.BORDER, SubjectKind.CROSSING, SubjectKind.CORRIDOR)
VIEWS, SCALES = ("map", "timelines", "table"), ("dense", "even")
LONGEST = 200  # of a parameter


@dataclass(frozen=True)
class Viewpoint:
    """Date, knowledge, filters, selection and window. What is as usual is left out of the address."""

    as_of: str | None = None
    announced_by: str | None = None
    recorded_by: str | None = None
    mode: tuple[Mode, ...] = LANDS
    traffic: tuple[Traffic, ...] = (Traffic.GOODS,)
    goods: str | None = None
    kind: tuple[SubjectKind, ...] = KINDS
    subject: str | None = None
    view: str = "map"
    scale: str = "dense"
    start: str | None = None  # of the window, inclusive
    end: str | None = None
    overlay: bool = True  # what is announced and not in force
    routes: bool = True

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Self:
        """Read an address.

        Raises: BadRequest, naming the parameter.
        """
        text = {key: value.strip() for key, value in query.items() if value.strip()}
        for key, value in text.items():
            if len(value) > LONGEST:
                raise BadRequest(f"{key} is longer than {LONGEST} characters: it is none that this page knows")
        goods = text.get("goods")
        Selection(goods=goods)  # raises
        return cls(
            as_of=text.get("as_of"),
            announced_by=text.get("announced_by"),
            recorded_by=text.get("recorded_by"),
            mode=tuple(_several("mode", text, Mode, LANDS)),
            traffic=tuple(_several("traffic", text, Traffic, (Traffic.GOODS,))),
            goods=goods,
            kind=tuple(_several("kind", text, SubjectKind, KINDS)),
            subject=text.get("subject"),
            view=_one("view", text, VIEWS),
            scale=_one("scale", text, SCALES),
            start=text.get("from"),
            end=text.get("to"),
            overlay=not text.get("overlay", "1").startswith("0"),
            routes=not text.get("routes", "1").startswith("0"),
        )

    def clocks(self, tracker: Tracker) -> Clocks:
        """The clocks of the question.

        Raises: BadRequest.
        """
        return tracker.clocks(self.as_of, self.announced_by, self.recorded_by)

    def window(self, tracker: Tracker) -> tuple[Instant | None, Instant | None]:
        """The part of time that is looked at.

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
        """The query of the same view, changed."""
        return replace(self, **changes).query  # type: ignore[arg-type]

    @property
    def query(self) -> str:
        """With its question mark; empty where everything is as usual."""
        usual = type(self)()
        pairs = [
            (NAMES.get(each.name, each.name), _text(getattr(self, each.name)))
            for each in fields(self)
            if getattr(self, each.name) != getattr(usual, each.name)
        ]
        pairs = [(name, value) for name, value in pairs if value]
        return "?" + urlencode(pairs, safe=",:+", quote_via=quote) if pairs else ""

    @property
    def lane_filter(self) -> str:
        """Mode, traffic and goods in words."""
        modes = "all modes" if len(self.mode) == len(Mode) else ", ".join(self.mode)
        traffic = "goods and people" if len(self.traffic) == 2 else ", ".join(self.traffic)
        return f"{modes} · {traffic}" + (f" (HS {self.goods})" if self.goods else "")


NAMES = {"start": "from", "end": "to"}


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, tuple):
        return ",".join(value)
    return str(value) if value is not None else ""


T = TypeVar("T", Mode, Traffic, SubjectKind)


def _several(name: str, text: Mapping[str, str], kind: type[T], usual: Iterable[T]) -> Iterable[T]:
    if name not in text:
        return usual
    try:
        given = {kind(each) for each in text[name].split(",") if each}
    except ValueError:
        raise BadRequest(f"{name} {text[name]!r} is not known: write some of {', '.join(kind)}") from None
    return [each for each in kind if each in given]


def _one(name: str, text: Mapping[str, str], known: tuple[str, ...]) -> str:
    found = text.get(name, known[0])
    if found not in known:
        raise BadRequest(f"{name} {found!r} is not known: write one of {', '.join(known)}")
    return found
