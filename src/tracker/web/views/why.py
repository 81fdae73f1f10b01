"""The explanation of a subject's state: the path as a row of gates, with the causes at each."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from tracker.presentation.causes import in_the_way, path_of
from tracker.presentation.lane_groups import group_lanes, label
from tracker.queries.answers import CauseAnswer, LaneAnswer
from tracker.queries.clocks import Clocks
from tracker.queries.why import Station, WhyAnswer, WhyInstrument, WhyLanes, WhyMeasure, why
from tracker.services.records import Tracker
from tracker.web.url_params import ViewParams


@dataclass(frozen=True)
class GateCause:
    """A cause of an authority at a gate."""

    cause: CauseAnswer
    authority: str
    crossing: str | None  # the name of the crossing, of a border on the path
    weakest: bool


@dataclass(frozen=True)
class Gate:
    """A place on the path, with all causes there and the worst level of them."""

    station: Station
    words: tuple[GateCause, ...]
    level: str
    weakest: bool


@dataclass(frozen=True)
class LaneView:
    """Lanes that are alike in all but their name."""

    lanes: tuple[LaneAnswer, ...]
    label: str
    gates: tuple[Gate, ...]
    matches: bool  # the filter lets one of them through

    @property
    def lane(self) -> LaneAnswer:
        return self.lanes[0]


@dataclass(frozen=True)
class WhyView:
    """The variables of the panel's template."""

    answer: WhyAnswer
    kind: str  # lanes, measure, instrument
    lanes: tuple[LaneView, ...] = ()


def why_view(tracker: Tracker, clocks: Clocks, view: ViewParams, subject: str) -> WhyView:
    """The panel of a subject.

    Raises: UnknownSubject.
    """
    answer = why(tracker.record, clocks, replace(view.flow(tracker.record), subjects=(subject,)))
    match answer:
        case WhyLanes():
            lanes = [_lane_view(answer, group, view) for group in group_lanes(answer.lanes)]
            return WhyView(answer, "lanes", tuple(sorted(lanes, key=lambda lane: not lane.matches)))
        case WhyMeasure():
            return WhyView(answer, "measure")
        case WhyInstrument():
            return WhyView(answer, "instrument")


def _lane_view(answer: WhyLanes, group: Sequence[LaneAnswer], view: ViewParams) -> LaneView:
    return LaneView(
        tuple(group),
        label(group, answer.lanes),
        tuple(_gates(answer, group[0])),
        any(lane.mode in view.mode and lane.traffic in view.traffic for lane in group),
    )


def _gates(answer: WhyLanes, lane: LaneAnswer) -> list[Gate]:
    path = path_of(answer, lane)
    placed = {place for station in path for place in (station.place, *station.crossings)}
    gates = [_gate(answer, lane, station) for station in path]
    whole = [cause for cause in lane.because if cause.place not in placed]
    if whole:
        gates.insert(0, _gate(answer, lane, Station(place=whole[0].place, name="the whole route", gate=True)))
    return gates


def _gate(answer: WhyLanes, lane: LaneAnswer, station: Station) -> Gate:
    causes = tuple(
        GateCause(
            cause,
            answer.parties.get(cause.authority, cause.authority),
            station.crossings.get(cause.place),
            in_the_way(lane, cause),
        )
        for cause in lane.because
        if cause.place == station.place or cause.place in station.crossings
    )
    level = causes[0].cause.level if causes else "none"
    return Gate(station, causes, level, any(cause.weakest for cause in causes))
