"""Routes from one territory to another, with their status and the place that decides it. Source: design §6."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, islice, pairwise
from operator import itemgetter
from typing import NamedTuple

import networkx

from tracker.model.classes import asked_classes
from tracker.model.dates import BEGINNING, Instant
from tracker.model.errors import BadRequest
from tracker.model.lives import exists
from tracker.model.registry import Corridor, Registry
from tracker.model.vocabulary import Mode, Status, Traffic
from tracker.queries.answers import LaneAnswer
from tracker.queries.clocks import Clocks, record_up_to
from tracker.queries.lanes import lane_answer
from tracker.queries.promises import OpenPledges
from tracker.queries.reasons import day, place_name
from tracker.queries.route_answers import (
    MAX_PATHS,
    Leg,
    ModeChange,
    OpenedAnswer,
    Opening,
    RouteAnswer,
    RouteName,
    RoutesAnswer,
    Weakest,
)
from tracker.queries.selection import find_territory
from tracker.state.lane_history import LaneHistory
from tracker.state.lanes import Lane, lane_along, lanes, mixed_lane
from tracker.state.record import Record, View
from tracker.state.scope import Question


@dataclass(frozen=True)
class Journey:
    """A question for routes: start, end, and the goods or people that move."""

    origin: str
    destination: str
    mode: Mode | None = None  # None: each mode by itself
    traffic: Traffic = Traffic.GOODS
    goods: str | None = None
    only: tuple[str, ...] = ()
    modes: tuple[Mode, ...] = ()  # between which a way may change, instead of `mode`

    def __post_init__(self) -> None:
        if self.mode is not None and self.modes:
            raise BadRequest(f"mode {self.mode} and modes {','.join(self.modes)} are both given: keep one of them")


def read_modes(name: str, text: str | None) -> tuple[Mode, ...]:
    """The modes of a list with commas between; none where nothing is written.

    Args: name: of the parameter, for errors.
    Raises: BadRequest.
    """
    words = [word.strip().lower() for word in (text or "").split(",") if word.strip()]
    unknown = [word for word in words if word not in tuple(Mode)]
    if unknown:
        raise BadRequest(f"{name} {text!r} has {unknown[0]!r}: write some of {','.join(Mode)}, with commas between")
    return tuple(dict.fromkeys(map(Mode, words)))


def routes(record: Record, clocks: Clocks, journey: Journey) -> RoutesAnswer:
    """List the routes of a journey as of a date.

    Raises: UnknownSubject, BadRequest.
    """
    view = record.at(clocks.known, clocks.asked)
    histories, truncated, journey = journey_histories(view, journey, clocks.as_of)
    open_pledges = OpenPledges(view, clocks.as_of)
    answers = [_route(history, lane_answer(history, clocks.as_of, open_pledges)) for history in histories]
    answers.sort(key=lambda route: (route.severity, route.borders, route.mode, route.path, route.route))
    return RoutesAnswer(
        **clocks.texts,
        covers_until=record_up_to(view.registry.dataset, view.tz, clocks.as_of),
        **_fields(journey),
        best=answers[0].status if answers else None,
        truncated=truncated,
        routes=tuple(answers),
    )


def opened(record: Record, clocks: Clocks, journey: Journey) -> OpenedAnswer:
    """List the changes of the best status of all routes, up to the date asked about.

    Raises: UnknownSubject, BadRequest.
    """
    view = record.at(clocks.known, clocks.asked)
    histories, truncated, journey = journey_histories(view, journey)
    edges = {at for history in histories for at in (*history.points, *history.lane.life.edges)}
    points = sorted({at for at in edges if at <= clocks.as_of} | {BEGINNING})
    bests = [best for at in points if (best := _best(histories, at)) is not None]
    changes = bests[:1] + [after for before, after in pairwise(bests) if before.severity != after.severity]
    return OpenedAnswer(
        announced_by=clocks.announced_by_text,
        recorded_by=clocks.recorded_by_text,
        **_fields(journey),
        truncated=truncated,
        changes=tuple(_openings(view, changes)),
    )


def _fields(journey: Journey) -> dict[str, object]:
    return {**vars(journey), "only": journey.only or None}


class Best(NamedTuple):
    """The route with the best status from an instant on."""

    at: Instant
    history: LaneHistory
    status: Status
    severity: int


def _best(histories: Sequence[LaneHistory], at: Instant) -> Best | None:
    """The best route at an instant; None where none exists then."""
    numbers = [(history, history.number(at)) for history in histories if history.lane.life.holds(at)]
    routes = [Best(at, history, history.status(number), history.severity(number)) for history, number in numbers]
    return min(routes, key=lambda route: (route.severity, len(route.history.lane.steps)), default=None)


def _openings(view: View, changes: Sequence[Best]) -> Iterator[Opening]:
    edges = [history.edge(history.number(at)) if at != BEGINNING else None for at, history, _, _ in changes]
    ends = [*(day(view, edge) for edge in edges[1:]), None][: len(edges)]
    for (at, history, status, severity), edge, until in zip(changes, edges, ends, strict=True):
        number = history.number(at)
        answer = lane_answer(history, history.points[number] if at == BEGINNING else at)
        yield Opening(
            at=day(view, edge),
            until=until,
            status=status,
            otherwise=answer.otherwise,
            but_for=answer.but_for,
            severity=severity,
            route=history.lane.subject,
            mode=history.lane.mode,
            path=_territories(history.lane),
            reason=answer.reason,
            announcements=history.made_by(number),
        )


def journey_histories(
    view: View, journey: Journey, at: Instant | None = None
) -> tuple[list[LaneHistory], bool, Journey]:
    """A history for each route, whether some were left out, and the journey with ids for names.

    Args: at: routes that do not exist at this instant are left out; None: none are.
    Raises: UnknownSubject, BadRequest.
    """
    registry = view.registry
    asked = asked_classes(registry.classes, journey.only)
    journey = replace(
        journey,
        only=asked.words,
        origin=find_territory(registry, journey.origin),
        destination=find_territory(registry, journey.destination),
    )
    if journey.origin == journey.destination:
        raise BadRequest(f"from and to are both {journey.origin}: name two territories")
    together = [journey.modes] if journey.modes else [(mode,) for mode in Mode if journey.mode in (None, mode)]
    chosen: list[Lane] = []
    truncated = False
    for modes in together:
        ways = list(islice(_ways(registry, journey, modes, at), MAX_PATHS + 1))
        truncated = truncated or len(ways) > MAX_PATHS
        for way in ways[:MAX_PATHS]:
            chosen += _lanes(registry, way, journey.traffic)
    question = Question(journey.goods, asked)
    lanes = (lane for lane in chosen if at is None or lane.life.holds(at))
    return [LaneHistory(view, lane, question) for lane in lanes], truncated, journey


class Way(NamedTuple):
    """A simple path, and the mode by which each of its borders is crossed."""

    path: Sequence[str]  # territories
    modes: Sequence[Mode]


def _ways(registry: Registry, journey: Journey, modes: Sequence[Mode], at: Instant | None) -> Iterator[Way]:
    """Every simple path by these modes, the shortest first; of one path, the way with the fewest changes first.

    Args: at: when all its borders have to exist; None: at some time.
    """
    graph: networkx.Graph[str] = networkx.Graph()
    graph.add_nodes_from(registry.territories)
    for border in registry.borders.values():
        here = [mode for mode in modes if mode in border.modes]
        if here and journey.traffic in border.traffic and (at is None or exists(registry, border, at)):
            graph.add_edge(*border.between, modes=here)
    if not networkx.has_path(graph, journey.origin, journey.destination):
        return
    for path in networkx.shortest_simple_paths(graph, journey.origin, journey.destination):
        choices = [graph.edges[pair]["modes"] for pair in pairwise(path)]
        for changes in range(len(choices)):
            yield from (Way(path, chosen) for chosen in _with_changes(choices, changes))


def _with_changes(choices: Sequence[Sequence[Mode]], changes: int, before: Mode | None = None) -> Iterator[list[Mode]]:
    """A mode of each choice, in every way that changes the mode so many times."""
    if not choices:
        yield from [[]] if changes == 0 else []
        return
    for mode in choices[0]:
        left = changes - (before is not None and mode is not before)
        if left >= 0:
            yield from ([mode, *rest] for rest in _with_changes(choices[1:], left, mode))


def _lanes(registry: Registry, way: Way, traffic: Traffic) -> Iterator[Lane]:
    """The lanes of corridors registered along a way, or else a lane made for it."""
    path, (mode, *others) = way.path, way.modes
    if any(other is not mode for other in others):
        yield mixed_lane(registry, path, way.modes, traffic)
        return
    registered = [
        lane
        for corridor in registry.corridors.values()
        if _along(registry, corridor) in (tuple(path), tuple(reversed(path)))
        for lane in lanes(registry, corridor)
        if lane.mode is mode and lane.traffic is traffic and (lane.origin, lane.destination) == (path[0], path[-1])
    ]
    yield from registered or [lane_along(registry, path, mode, traffic)]


def _along(registry: Registry, corridor: Corridor) -> tuple[str, ...]:
    return tuple(place for place in corridor.path if place in registry.territories)


def _territories(lane: Lane) -> tuple[str, ...]:
    return tuple(dict.fromkeys(step.place for step in lane.steps if step.direction is None))


def _route(history: LaneHistory, answer: LaneAnswer) -> RouteAnswer:
    return RouteAnswer(
        **dict(route_name(history)),
        status=answer.status,
        severity=answer.severity,
        since=answer.since,
        reason=answer.reason,
        weakest=_weakest(history.view, answer),
        lane=answer,
    )


def route_name(history: LaneHistory) -> RouteName:
    """The way that a route takes."""
    lane, view = history.lane, history.view
    corridor = view.registry.corridors.get(lane.subject)
    path, legs = _territories(lane), tuple(_legs(lane))
    return RouteName(
        route=lane.subject,
        corridor=corridor.id if corridor else None,
        name=corridor.name if corridor else " – ".join(place_name(view, place) for place in path),
        mode=lane.mode,
        traffic=lane.traffic,
        path=tuple(dict.fromkeys(step.place for step in lane.steps)),
        borders=len(path) - 1,
        legs=legs,
        mode_changes=tuple(_mode_change(view, before, after) for before, after in pairwise(legs)),
    )


def _legs(lane: Lane) -> Iterator[Leg]:
    """The legs of a lane of several modes; none of a lane of one."""
    steps = [(step.alternatives[0].mode, step.place) for step in lane.steps]
    for mode, leg in groupby(steps, key=itemgetter(0)):
        if mode is not None:
            yield Leg(mode=mode, path=tuple(place for _, place in leg))


def _mode_change(view: View, before: Leg, after: Leg) -> ModeChange:
    """The change between two legs: in the territory where they meet, or at a crossing into or out of it."""
    place = before.path[-1]
    gates = [gate for border in (before.path[-2], after.path[1]) for gate in view.registry.crossings_of(border)]
    both = [gate for gate in gates if {before.mode, after.mode} <= set(gate.modes)]
    where = f" at {' or '.join(gate.name for gate in both)}" if both else ""
    text = f"change from {before.mode} to {after.mode} in {place_name(view, place)}{where}: nothing on record"
    return ModeChange(place=place, crossings=tuple(gate.id for gate in both), text=text)


def _weakest(view: View, answer: LaneAnswer) -> Weakest | None:
    if answer.status is Status.UNREADY and answer.readiness:
        worst = answer.readiness[0]
        return Weakest(place=worst.place, name=place_name(view, worst.place), authority=worst.party,
                       reason=answer.reason, announcement=worst.announcement)  # fmt: skip
    if not answer.because:
        return None
    cause = answer.because[0]
    return Weakest(place=cause.place, name=place_name(view, cause.place), authority=cause.authority,
                   reason=cause.reason, announcement=cause.announcement)  # fmt: skip
