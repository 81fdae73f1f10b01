"""Every way from one territory to another, and what stands in it. Source: design §6."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import islice, pairwise

import networkx

from tracker.model.dates import BEGINNING, Instant
from tracker.model.errors import BadRequest, UnknownSubject
from tracker.model.registry import Corridor, Registry
from tracker.model.vocabulary import Mode, Status, Traffic
from tracker.queries.answer import Answer
from tracker.queries.answers import Asked, LaneAnswer
from tracker.queries.clocks import Clocks
from tracker.queries.lanes import OpenPledges, lane_answer
from tracker.queries.reasons import day, place_name
from tracker.state.lane_history import LaneHistory
from tracker.state.lanes import Lane, lane_along, lanes
from tracker.state.record import Record, View
from tracker.state.scope import Question
from tracker.state.status import SEVERITY

MOST = 100  # paths of one mode, the shortest first


@dataclass(frozen=True)
class Journey:
    """From where to where, and with what."""

    origin: str
    destination: str
    mode: Mode | None = None  # None: each mode by itself
    traffic: Traffic = Traffic.GOODS
    goods: str | None = None
    only: str | None = None


class Weakest(Answer):
    """The place of a route that decides its status, and why."""

    place: str
    name: str
    authority: str
    reason: str
    announcement: str | None


class RouteAnswer(Answer):
    """One way, from one territory to the next."""

    route: str
    corridor: str | None
    name: str
    mode: Mode
    traffic: Traffic
    path: tuple[str, ...]
    borders: int
    status: Status
    severity: int
    since: str | None
    reason: str
    weakest: Weakest | None
    lane: LaneAnswer


class RoutesAnswer(Asked):
    """Every way, the best status first and then the shortest."""

    origin: str
    destination: str
    mode: Mode | None
    traffic: Traffic
    goods: str | None
    only: str | None
    best: Status | None
    truncated: bool
    routes: tuple[RouteAnswer, ...]


class Opening(Answer):
    """From when on the best of all ways was this."""

    at: str | None
    until: str | None
    status: Status
    severity: int
    route: str
    mode: Mode
    path: tuple[str, ...]
    reason: str
    announcements: tuple[str, ...]


class OpenedAnswer(Answer):
    """How the best status of all ways changed."""

    origin: str
    destination: str
    mode: Mode | None
    traffic: Traffic
    goods: str | None
    only: str | None
    announced_by: str | None
    recorded_by: str | None
    truncated: bool
    changes: tuple[Opening, ...]


def routes(record: Record, clocks: Clocks, journey: Journey) -> RoutesAnswer:
    """The ways there are on a date.

    Raises: UnknownSubject, BadRequest.
    """
    view = record.at(clocks.known)
    found, truncated, journey = _histories(view, journey)
    promised = OpenPledges.at(view, clocks.as_of)
    answers = [_route(each, lane_answer(each, clocks.as_of, promised)) for each in found]
    answers.sort(key=lambda each: (each.severity, each.borders, each.mode, each.path, each.route))
    return RoutesAnswer(
        as_of=clocks.as_of_text,
        announced_by=clocks.announced_by_text,
        recorded_by=clocks.recorded_by_text,
        **_asked(journey),
        best=answers[0].status if answers else None,
        truncated=truncated,
        routes=tuple(answers),
    )


def opened(record: Record, clocks: Clocks, journey: Journey) -> OpenedAnswer:
    """When the best status changed, up to the date asked about.

    Raises: UnknownSubject, BadRequest.
    """
    view = record.at(clocks.known)
    found, truncated, journey = _histories(view, journey)
    points = sorted({at for each in found for at in each.points if at <= clocks.as_of} | {BEGINNING})
    bests = [(at, _best(found, at)) for at in points] if found else []
    changes = [bests[0]] if bests else []
    changes += [after for before, after in pairwise(bests) if before[1][1] is not after[1][1]]
    return OpenedAnswer(
        announced_by=clocks.announced_by_text,
        recorded_by=clocks.recorded_by_text,
        **_asked(journey),
        truncated=truncated,
        changes=tuple(_openings(view, changes)),
    )


def _asked(journey: Journey) -> dict[str, object]:
    return dict(vars(journey))


def _best(found: Sequence[LaneHistory], at: Instant) -> tuple[LaneHistory, Status]:
    judged = [(each, each.status(each.number(at))) for each in found]
    return min(judged, key=lambda each: (SEVERITY[each[1]], len(each[0].lane.steps)))


def _openings(view: View, changes: Sequence[tuple[Instant, tuple[LaneHistory, Status]]]) -> Iterator[Opening]:
    edges = [history.edge(history.number(at)) if at != BEGINNING else None for at, (history, _) in changes]
    ends = [*(day(view, edge) for edge in edges[1:]), None][: len(edges)]
    for (at, (history, status)), edge, until in zip(changes, edges, ends, strict=True):
        number = history.number(at)
        answer = lane_answer(history, history.points[number] if at == BEGINNING else at)
        yield Opening(
            at=day(view, edge),
            until=until,
            status=status,
            severity=SEVERITY[status],
            route=history.lane.subject,
            mode=history.lane.mode,
            path=_territories(history.lane),
            reason=answer.reason,
            announcements=history.made_by(number),
        )


def territory(registry: Registry, name: str) -> str:
    """The id of a territory by its id, name or alias.

    Raises: UnknownSubject.
    """
    names = {alias.casefold(): each.id for each in registry.territories.values() for alias in each.aliases}
    names |= {each.name.casefold(): each.id for each in registry.territories.values()}
    names |= {key.casefold(): key for key in registry.territories}
    found = names.get(name.casefold())
    if found is None:
        near = get_close_matches(name.casefold(), names, n=1)
        hint = f"did you mean {names[near[0]]}?" if near else f"write one of {', '.join(registry.territories)}"
        raise UnknownSubject(f"no territory is registered as {name!r}: {hint}")
    return found


def _histories(view: View, journey: Journey) -> tuple[list[LaneHistory], bool, Journey]:
    """A history for each way, whether some were left out, and the journey with ids for names."""
    registry = view.registry
    named = Journey(**{**vars(journey), "origin": territory(registry, journey.origin),
                       "destination": territory(registry, journey.destination)})  # fmt: skip
    if named.origin == named.destination:
        raise BadRequest(f"from and to are both {named.origin}: name two territories")
    question = Question(journey.goods, journey.only)
    found, truncated = [], False
    for mode in Mode if journey.mode is None else (journey.mode,):
        paths = list(islice(_paths(registry, named, mode), MOST + 1))
        truncated = truncated or len(paths) > MOST
        for path in paths[:MOST]:
            found += [LaneHistory(view, lane, question) for lane in _lanes(registry, path, mode, journey.traffic)]
    return found, truncated, named


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
    """The corridors that are registered along a path, or else a lane made for it."""
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
        severity=SEVERITY[answer.status],
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
