"""The explanation of a subject's state: the path as a row of gates, with the causes at each."""

from collections.abc import Sequence
from dataclasses import dataclass

from tracker.model.vocabulary import Status
from tracker.queries.answers import CauseAnswer, LaneAnswer
from tracker.queries.clocks import Clocks
from tracker.queries.selection import Selection
from tracker.queries.why import Station, WhyAnswer, WhyInstrument, WhyLanes, WhyMeasure, why
from tracker.services.records import Tracker
from tracker.web.url_params import ViewParams

CAUSED_BY_NO_BAR = (Status.OPEN, Status.OPERATING, Status.UNREADY)  # no gate of such a lane stands in the way


@dataclass(frozen=True)
class GateCause:
    """A cause of an authority at a gate."""

    cause: CauseAnswer
    authority: str
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
    answer = why(tracker.record, clocks, Selection(subjects=(subject,), goods=view.goods))
    match answer:
        case WhyLanes():
            lanes = [_lane_view(answer, group, view) for group in _folded(answer.lanes)]
            return WhyView(answer, "lanes", tuple(sorted(lanes, key=lambda lane: not lane.matches)))
        case WhyMeasure():
            return WhyView(answer, "measure")
        case WhyInstrument():
            return WhyView(answer, "instrument")


def _folded(lanes: Sequence[LaneAnswer]) -> list[tuple[LaneAnswer, ...]]:
    groups: dict[tuple[object, ...], list[LaneAnswer]] = {}
    for lane in lanes:
        key = (lane.status, lane.since, lane.uncertain, frozenset(lane.because), lane.readiness, lane.passages)
        groups.setdefault(key, []).append(lane)
    return [tuple(group) for group in groups.values()]


def _lane_view(answer: WhyLanes, group: tuple[LaneAnswer, ...], view: ViewParams) -> LaneView:
    return LaneView(
        group,
        label(group, answer.lanes),
        tuple(_gates(answer, group[0])),
        any(lane.mode in view.mode and lane.traffic in view.traffic for lane in group),
    )


def label(group: Sequence[LaneAnswer], every: Sequence[LaneAnswer]) -> str:
    """Lanes in words: what they have in common with all others is left out where they are all."""
    ways: dict[tuple[str, str], list[str]] = {}
    for lane in group:
        ways.setdefault((lane.mode, lane.traffic), []).append(lane.direction)
    number = len({lane.direction for lane in every})
    named: dict[str, list[str]] = {}
    for (mode, traffic), directions in ways.items():
        way = "both ways" if len(directions) == 2 == number else ", ".join(_arrow(each) for each in directions)
        named.setdefault(f"{traffic}|{way}", []).append(mode)
    merged: dict[str, list[str]] = {}
    for key, modes in named.items():
        traffic, way = key.split("|")
        merged.setdefault(f"{' and '.join(modes)}|{way}", []).append(traffic)
    return "; ".join(
        f"{key.split('|')[0]} · {' and '.join(each)} · {key.split('|')[1]}" for key, each in merged.items()
    )


def _arrow(direction: str) -> str:
    return direction.replace(">", " → ")


def _gates(answer: WhyLanes, lane: LaneAnswer) -> list[Gate]:
    path = answer.path if lane.direction.startswith(f"{answer.path[0].place}>") else tuple(reversed(answer.path))
    placed = {station.place for station in path}
    gates = [_gate(answer, lane, station) for station in path]
    whole = [cause for cause in lane.because if cause.place not in placed]
    if whole:
        gates.insert(0, _gate(answer, lane, Station(place=whole[0].place, name="the whole route", gate=True)))
    return gates


def _gate(answer: WhyLanes, lane: LaneAnswer, station: Station) -> Gate:
    causes = tuple(
        GateCause(cause, answer.parties.get(cause.authority, cause.authority), _weakest(lane, cause))
        for cause in lane.because
        if cause.place == station.place
    )
    level = causes[0].cause.level if causes else "none"
    return Gate(station, causes, level, any(cause.weakest for cause in causes))


def _weakest(lane: LaneAnswer, cause: CauseAnswer) -> bool:
    return lane.status not in CAUSED_BY_NO_BAR and cause.level is lane.because[0].level
