"""Routes from one territory to another, with their status and the place that decides it. Source: design §6."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice, pairwise
from typing import NamedTuple

import networkx

from tracker.model.dates import BEGINNING, Instant
from tracker.model.errors import BadRequest
from tracker.model.registry import Corridor, Registry
from tracker.model.vocabulary import Mode, Status, Traffic
from tracker.queries.answers import LaneAnswer
from tracker.queries.clocks import Clocks, record_up_to
from tracker.queries.lanes import lane_answer
from tracker.queries.promises import OpenPledges
from tracker.queries.reasons import day, place_name
from tracker.queries.route_answers import MAX_PATHS, OpenedAnswer, Opening, RouteAnswer, RoutesAnswer, Weakest
from tracker.queries.selection import find_territory
from tracker.state.lane_history import LaneHistory
from tracker.state.lanes import Lane, lane_along, lanes
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
    only: str | None = None


def routes(record: Record, clocks: Clocks, journey: Journey) -> RoutesAnswer:
    """List the routes of a journey as of a date.

    Raises: UnknownSubject, BadRequest.
    """
    view = record.at(clocks.known, clocks.asked)
    histories, truncated, journey = _histories(view, journey)
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
    histories, truncated, journey = _histories(view, journey)
    points = sorted({at for history in histories for at in history.points if at <= clocks.as_of} | {BEGINNING})
    bests = [_best(histories, at) for at in points] if histories else []
    changes = bests[:1] + [after for before, after in pairwise(bests) if before.severity != after.severity]
    return OpenedAnswer(
        announced_by=clocks.announced_by_text,
        recorded_by=clocks.recorded_by_text,
        **_fields(journey),
        truncated=truncated,
        changes=tuple(_openings(view, changes)),
    )


def _fields(journey: Journey) -> dict[str, object]:
    return dict(vars(journey))


class Best(NamedTuple):
    """The route with the best status from an instant on."""

    at: Instant
    history: LaneHistory
    status: Status
    severity: int


def _best(histories: Sequence[LaneHistory], at: Instant) -> Best:
    numbers = [(history, history.number(at)) for history in histories]
    routes = [Best(at, history, history.status(number), history.severity(number)) for history, number in numbers]
    return min(routes, key=lambda route: (route.severity, len(route.history.lane.steps)))


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


def _histories(view: View, journey: Journey) -> tuple[list[LaneHistory], bool, Journey]:
    """A history for each route, whether some were left out, and the journey with ids for names."""
    registry = view.registry
    journey = replace(
        journey,
        origin=find_territory(registry, journey.origin),
        destination=find_territory(registry, journey.destination),
    )
    if journey.origin == journey.destination:
        raise BadRequest(f"from and to are both {journey.origin}: name two territories")
    question = Question(journey.goods, journey.only)
    histories, truncated = [], False
    for mode in Mode if journey.mode is None else (journey.mode,):
        paths = list(islice(_paths(registry, journey, mode), MAX_PATHS + 1))
        truncated = truncated or len(paths) > MAX_PATHS
        for path in paths[:MAX_PATHS]:
            histories += [LaneHistory(view, lane, question) for lane in _lanes(registry, path, mode, journey.traffic)]
    return histories, truncated, journey


def _paths(registry: Registry, journey: Journey, mode: Mode) -> Iterator[list[str]]:
    """Every simple path, the shortest first."""
    graph: networkx.Graph[str] = networkx.Graph()
    graph.add_nodes_from(registry.territories)
    for border in registry.borders.values():
        if mode in border.modes and journey.traffic in border.traffic:
            graph.add_edge(*border.between)
    if networkx.has_path(graph, journey.origin, journey.destination):
        yield from networkx.shortest_simple_paths(graph, journey.origin, journey.destination)


def _lanes(registry: Registry, path: Sequence[str], mode: Mode, traffic: Traffic) -> Iterator[Lane]:
    """The lanes of corridors registered along a path, or else a lane made for it."""
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
    return tuple(step.place for step in lane.steps if step.direction is None)


def _route(history: LaneHistory, answer: LaneAnswer) -> RouteAnswer:
    lane, view = history.lane, history.view
    corridor = view.registry.corridors.get(lane.subject)
    path = _territories(lane)
    return RouteAnswer(
        route=lane.subject,
        corridor=corridor.id if corridor else None,
        name=corridor.name if corridor else " – ".join(place_name(view, place) for place in path),
        mode=lane.mode,
        traffic=lane.traffic,
        path=tuple(step.place for step in lane.steps),
        borders=len(path) - 1,
        status=answer.status,
        severity=answer.severity,
        since=answer.since,
        reason=answer.reason,
        weakest=_weakest(view, answer),
        lane=answer,
    )


def _weakest(view: View, answer: LaneAnswer) -> Weakest | None:
    if answer.status is Status.UNREADY:
        worst = answer.readiness[0]
        return Weakest(place=worst.place, name=place_name(view, worst.place), authority=worst.party,
                       reason=answer.reason, announcement=worst.announcement)  # fmt: skip
    if not answer.because:
        return None
    cause = answer.because[0]
    return Weakest(place=cause.place, name=place_name(view, cause.place), authority=cause.authority,
                   reason=cause.reason, announcement=cause.announcement)  # fmt: skip
