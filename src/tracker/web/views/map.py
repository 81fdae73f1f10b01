"""The map at a date: every place on the sheet, with what its lanes amount to."""

from collections.abc import Sequence
from dataclasses import dataclass

from tracker.model.dates import Instant
from tracker.web.map_geometry import Land, Point
from tracker.web.map_layout import Line, Name, Symbol
from tracker.web.timeline import Blend, Timeline, Track, local_day
from tracker.web.url_params import Viewpoint
from tracker.web.views.pledged import spans


@dataclass(frozen=True)
class Shown:
    """A place as it is drawn."""

    id: str
    kind: str
    name: str
    blend: Blend | None  # None: it has no lane of the kind asked for
    ahead: str | None  # the status that has been announced for later
    pledged: bool
    line: Line | None = None
    symbol: Symbol | None = None

    @property
    def label(self) -> str:
        """What a screen reader says."""
        words = self.blend.words if self.blend else "no such lane"
        ahead = f", announced: {self.ahead}" if self.ahead else ""
        return f"{self.kind} {self.name}: {words}{ahead}{', promised' if self.pledged else ''}"


@dataclass(frozen=True)
class MapView:
    """All that the map's template needs."""

    size: Point
    close: str
    drawn: bool
    region: str
    lands: Sequence[Land]
    names: Sequence[Name]
    borders: Sequence[Shown]
    routes: Sequence[Shown]
    crossings: Sequence[Shown]
    unplaced: Sequence[Shown]
    hubs: Sequence[Point]


def map_view(timeline: Timeline, viewpoint: Viewpoint, at: Instant) -> MapView:
    """The sheet at an instant."""
    sheet, show = timeline.sheet, Shower(timeline, viewpoint, at)
    names = [Name(each.text, each.at, each.kind) for each in sheet.names]
    return MapView(
        size=sheet.size,
        close=sheet.close,
        drawn=sheet.drawn,
        region=sheet.region,
        lands=sorted(sheet.lands, key=lambda land: land.focus),
        names=names,
        borders=[show(each.id, line=each) for each in sheet.borders],
        routes=[show(each.id, line=each) for each in sheet.routes],
        crossings=[show(each.id, symbol=each) for each in sheet.crossings],
        unplaced=[show(each) for each in sheet.unplaced],
        hubs=sheet.hubs,
    )


class Shower:
    """Looks up what places amount to at one instant, through one filter."""

    def __init__(self, timeline: Timeline, viewpoint: Viewpoint, at: Instant) -> None:
        self.timeline, self.viewpoint, self.at = timeline, viewpoint, at
        day = local_day(at, timeline.tz)
        self.pledged = {key for span in spans(timeline) if span.begin <= day < span.end for key in span.at}

    def __call__(self, subject: str, line: Line | None = None, symbol: Symbol | None = None) -> Shown:
        timeline, viewpoint = self.timeline, self.viewpoint
        tracks = timeline.lanes(subject, viewpoint.mode, viewpoint.traffic)
        found = timeline.view.registry.with_state[subject]
        return Shown(
            id=subject,
            kind=found.type.value,
            name=timeline.name(subject),
            blend=timeline.blend(tracks, self.at),
            ahead=ahead(tracks, self.at),
            pledged=subject in self.pledged,
            line=line,
            symbol=symbol,
        )


def ahead(tracks: Sequence[Track], at: Instant) -> str | None:
    """The status of the soonest change that had been announced by an instant for later."""
    coming = [turn for track in tracks for turn in track.upcoming(at)]
    return min(coming, key=lambda turn: turn.at).change.status if coming else None
