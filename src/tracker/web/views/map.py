"""The map at a date: every place on the sheet, with the range of its lanes' statuses."""

from collections.abc import Sequence
from dataclasses import dataclass

from tracker.model.dates import Instant
from tracker.presentation.statuses import look
from tracker.web.map_geometry import LandShape, SheetPoint
from tracker.web.map_layout import CrossingSymbol, MapLabel, MapLine
from tracker.web.statuses_at import StatusesAt
from tracker.web.timeline import StatusRange, StatusTrack, local_day
from tracker.web.url_params import ViewParams


@dataclass(frozen=True)
class MapItem:
    """A border, crossing or corridor as it is drawn."""

    id: str
    kind: str
    name: str
    statuses: StatusRange | None  # None: it has no lane of the modes and traffic asked for
    ahead: str | None  # the status that has been announced for later
    pledged: bool
    line: MapLine | None = None
    symbol: CrossingSymbol | None = None

    @property
    def label(self) -> str:
        """The text for screen readers."""
        words = self.statuses.words if self.statuses else "no such lane"
        ahead = f", announced: {self.ahead}" if self.ahead else ""
        return f"{self.kind} {self.name}: {words}{ahead}{', promised' if self.pledged else ''}"


@dataclass(frozen=True)
class MapView:
    """The variables of the map's template."""

    size: SheetPoint
    close: str
    drawn: bool
    region: str
    lands: Sequence[LandShape]
    names: Sequence[MapLabel]
    borders: Sequence[MapItem]
    routes: Sequence[MapItem]
    crossings: Sequence[MapItem]
    unplaced: Sequence[MapItem]
    hubs: Sequence[SheetPoint]


def map_view(statuses: StatusesAt, view: ViewParams) -> MapView:
    """The map by the clocks of a page, through the filters of a view."""
    timeline, at = statuses.timeline, statuses.at
    sheet, day = timeline.sheet, local_day(at, timeline.tz)
    pledged = {key for span in timeline.pledge_spans if span.begin <= day < span.end for key in span.at}

    def item(key: str, line: MapLine | None = None, symbol: CrossingSymbol | None = None) -> MapItem:
        tracks = timeline.lanes(key, view.mode, view.traffic)
        kind = timeline.view.registry.with_state[key].type.value
        shown = statuses.range(tracks)
        return MapItem(key, kind, timeline.name(key), shown, _ahead(tracks, at), key in pledged, line, symbol)

    return MapView(
        size=sheet.size,
        close=sheet.close,
        drawn=sheet.drawn,
        region=sheet.region,
        lands=sorted(sheet.lands, key=lambda land: land.focus),
        names=sheet.names,
        borders=[item(line.id, line=line) for line in sheet.borders],
        routes=[item(line.id, line=line) for line in sheet.routes],
        crossings=[item(symbol.id, symbol=symbol) for symbol in sheet.crossings],
        unplaced=[item(key) for key in sheet.unplaced],
        hubs=sheet.hubs,
    )


def _ahead(tracks: Sequence[StatusTrack], at: Instant) -> str | None:
    """The status of the next change that had been announced by an instant for later."""
    upcoming = [turn for track in tracks for turn in track.upcoming(at)]
    following = min(upcoming, key=lambda turn: turn.at).change if upcoming else None
    return look(following.status, following.otherwise) if following else None
