"""The explanation of a subject's state: the path as a row of gates, with the causes at each."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from tracker.model.classes import class_named
from tracker.model.errors import BadRequest, UnknownSubject
from tracker.model.registry import Registry
from tracker.model.vocabulary import MeasureKind
from tracker.presentation.causes import in_the_way, path_of
from tracker.presentation.lane_groups import group_lanes, label
from tracker.queries.answers import CauseAnswer, LaneAnswer, LaneName
from tracker.queries.clocks import Clocks
from tracker.queries.existence import exists_text
from tracker.queries.need_answers import LaneNeedsAnswer
from tracker.queries.needs import needs
from tracker.queries.supposed import suppose
from tracker.queries.why import Station, WhyAnswer, WhyInstrument, WhyLanes, WhyMeasure, why
from tracker.services.records import Tracker
from tracker.web.url_params import ViewParams

MeasureKinds = Mapping[str, MeasureKind]  # by measure


@dataclass(frozen=True)
class GateCause:
    """A cause of an authority at a gate."""

    cause: CauseAnswer
    authority: str
    crossing: str | None  # the name of the crossing, of a border on the path
    weakest: bool
    suppose: str | None  # that asks what if this were lifted; of a cause that stands in the way


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
    needs: LaneNeedsAnswer

    @property
    def lane(self) -> LaneAnswer:
        return self.lanes[0]


@dataclass(frozen=True)
class ClassChoice:
    """A class that may be asked about, or all of a group."""

    name: str
    address: str  # of the view that asks about it
    asked: bool


@dataclass(frozen=True)
class ClassGroup:
    """The registered classes of one group: a question names one of them at most."""

    name: str
    choices: tuple[ClassChoice, ...]


@dataclass(frozen=True)
class WhyView:
    """The variables of the panel's template."""

    answer: WhyAnswer
    kind: str  # lanes, measure, instrument
    lanes: tuple[LaneView, ...] = ()
    groups: tuple[ClassGroup, ...] = ()  # of lanes
    problem: str | None = None  # why nothing is supposed, though the view says so

    @property
    def exists(self) -> str | None:
        """From when to when the subject exists, in words; None where it neither begins nor ends on record."""
        exists = self.answer.exists if isinstance(self.answer, WhyLanes) else None
        return exists_text(exists) if exists else None


def why_view(tracker: Tracker, clocks: Clocks, view: ViewParams, subject: str) -> WhyView:
    """The panel of a subject; as if what the view supposes were on the record.

    Raises: UnknownSubject.
    """
    record, problem = tracker.record, None
    try:
        record, clocks = suppose(record, clocks, view.suppose)
    except (BadRequest, UnknownSubject) as error:
        problem = str(error)
    selection = replace(view.flow(record), subjects=(subject,))
    answer = why(record, clocks, selection)
    match answer:
        case WhyLanes():
            kinds = {key: measure.kind for key, measure in record.at(clocks.known).registry.measures.items()}
            missing = {_name(lane): lane for lane in needs(record, clocks, selection).lanes}
            lanes = [
                _lane_view(answer, group, view, missing[_name(group[0])], kinds) for group in group_lanes(answer.lanes)
            ]
            groups = tuple(class_groups(record.at(clocks.known).registry, view))
            return WhyView(answer, "lanes", tuple(sorted(lanes, key=lambda lane: not lane.matches)), groups, problem)
        case WhyMeasure():
            return WhyView(answer, "measure", problem=problem)
        case WhyInstrument():
            return WhyView(answer, "instrument", problem=problem)


def class_groups(registry: Registry, view: ViewParams) -> Iterator[ClassGroup]:
    """The registered classes by group, each with the address of the view that asks about it."""
    classes = registry.classes
    asked = {word: class_named(classes, word) for word in view.only}
    for group in dict.fromkeys(entry.group for entry in classes.values()):
        others = tuple(word for word, entry in asked.items() if entry is None or entry.group != group)
        own = {entry.id for entry in asked.values() if entry is not None and entry.group == group}
        choices = [
            ClassChoice(entry.name, view.but(only=(*others, entry.id)), entry.id in own)
            for entry in classes.values()
            if entry.group == group
        ]
        everything = ClassChoice("all", view.but(only=others) or "?", not own)
        yield ClassGroup(group.replace("-", " "), (everything, *choices))


def _name(lane: LaneName) -> tuple[str, str, str]:
    return lane.mode, lane.traffic, lane.direction


def _lane_view(answer: WhyLanes, group: Sequence[LaneAnswer], view: ViewParams, needs: LaneNeedsAnswer,
               kinds: MeasureKinds) -> LaneView:  # fmt: skip
    return LaneView(
        tuple(group),
        label(group, answer.lanes),
        tuple(_gates(answer, group[0], kinds)),
        any(lane.mode in view.mode and lane.traffic in view.traffic for lane in group),
        needs,
    )


def _gates(answer: WhyLanes, lane: LaneAnswer, kinds: MeasureKinds) -> list[Gate]:
    path = path_of(answer, lane)
    placed = {place for station in path for place in (station.place, *station.crossings)}
    gates = [_gate(answer, lane, station, kinds) for station in path]
    whole = [cause for cause in lane.because if cause.place not in placed]
    if whole:
        route = Station(place=whole[0].place, name="the whole route", gate=True)
        gates.insert(0, _gate(answer, lane, route, kinds))
    return gates


def _gate(answer: WhyLanes, lane: LaneAnswer, station: Station, kinds: MeasureKinds) -> Gate:
    causes = tuple(
        GateCause(
            cause,
            answer.parties.get(cause.authority, cause.authority),
            station.crossings.get(cause.place),
            in_the_way(lane, cause),
            _supposition(cause, kinds) if in_the_way(lane, cause) else None,
        )
        for cause in lane.because
        if cause.place == station.place or cause.place in station.crossings
    )
    level = causes[0].cause.level if causes else "none"
    return Gate(station, causes, level, any(cause.weakest for cause in causes))


def _supposition(cause: CauseAnswer, kinds: MeasureKinds) -> str | None:
    """The statement that would end what a cause says; None of a silence, or of a permission of a part."""
    if cause.measure is None:
        return None
    if kinds[cause.measure] is MeasureKind.RESTRICTION:
        return f"lift {cause.measure}"
    return f"permit {cause.measure}" if cause.lapsed else None
