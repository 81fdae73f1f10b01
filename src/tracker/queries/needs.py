"""The fewest things missing until a lane, or a route between two territories, is passable. Source: design §6 and §9."""

from collections.abc import Iterable, Iterator
from typing import Any

from tracker.model.errors import BadRequest
from tracker.model.registry import Border, Corridor, Crossing
from tracker.model.vocabulary import MeasureKind
from tracker.queries.answers import PledgeAnswer
from tracker.queries.clocks import Clocks, record_up_to
from tracker.queries.need_answers import JourneyNeeds, LaneNeedsAnswer, NeedAnswer, Needs, RouteNeeds, SubjectNeeds
from tracker.queries.parts import but_for
from tracker.queries.promises import OpenPledges
from tracker.queries.reasons import day, measure_reason, party_name, readiness_reason, silence_reason
from tracker.queries.routes import Journey, journey_histories, route_name
from tracker.queries.selection import Selection, chosen, chosen_lanes
from tracker.state.lane_history import LaneHistory, lane_history
from tracker.state.lanes import Lane
from tracker.state.needs import MAX_SETS, LaneNeeds, Need, NeedKind
from tracker.state.record import Record
from tracker.state.tracks import since
from tracker.timeline.track_history import NOTHING

BEST = 5  # routes


def needs(record: Record, clocks: Clocks, selection: Selection, *, firm: bool = False) -> SubjectNeeds:
    """List the fewest things missing on the chosen lanes of the one chosen subject.

    Args: firm: whether that nothing is known to stand in the way is not enough.
    Raises: UnknownSubject; BadRequest where it has no lanes, or none like the one asked for.
    """
    view = record.at(clocks.known, clocks.asked)
    [subject] = chosen(view.registry, selection)
    if not isinstance(subject, Border | Crossing | Corridor):
        raise BadRequest(f"{subject.id} is a {subject.type}: name a border, a crossing, a corridor or two territories")
    question = selection.question(view.registry)
    told = _Told(record, clocks, firm)
    there = [lane for lane in chosen_lanes(view.registry, subject, selection) if lane.life.holds(clocks.as_of)]
    lanes = [lane_history(view, lane, question) for lane in there]
    return SubjectNeeds(
        subject=subject.id,
        kind=subject.type,
        name=subject.name or subject.id,
        **clocks.texts,
        covers_until=record_up_to(view.registry.dataset, view.tz, clocks.as_of),
        firm=firm,
        lanes=tuple(
            LaneNeedsAnswer(
                mode=history.lane.mode,
                traffic=history.lane.traffic,
                direction=history.lane.direction,
                **dict(told.needs(history)),
            )
            for history in lanes
        ),
    )


def journey_needs(
    record: Record, clocks: Clocks, journey: Journey, *, firm: bool = False, best: int = BEST
) -> JourneyNeeds:
    """List the routes of a journey on which the fewest things are missing.

    Args: firm: whether that nothing is known to stand in the way is not enough; best: number of routes.
    Raises: UnknownSubject, BadRequest.
    """
    view = record.at(clocks.known, clocks.asked)
    histories, truncated, journey = journey_histories(view, journey, clocks.as_of)
    told = _Told(record, clocks, firm)
    routes = [RouteNeeds(**dict(route_name(history)), **dict(told.needs(history))) for history in histories]
    possible = [route for route in routes if route.count is not None]
    possible.sort(key=lambda route: (route.count, route.severity, route.borders, route.mode, route.path, route.route))
    return JourneyNeeds(
        **clocks.texts,
        **vars(journey),
        covers_until=record_up_to(view.registry.dataset, view.tz, clocks.as_of),
        firm=firm,
        truncated=truncated,
        routes=tuple(possible[:best]),
    )


class _Told:
    """Answers about what is missing, at the clocks of a question."""

    def __init__(self, record: Record, clocks: Clocks, firm: bool) -> None:
        self._view, self._at, self._firm = record.at(clocks.known, clocks.asked), clocks.as_of, firm
        self._pledges = OpenPledges(self._view, clocks.as_of)

    def needs(self, history: LaneHistory) -> Needs:
        number = history.number(self._at)
        sets = LaneNeeds(history, self._at, firm=self._firm).sets()
        first, *others = [tuple(self._need(history, need) for need in one) for one in sets] or [()]
        return Needs(
            status=history.status(number),
            severity=history.severity(number),
            otherwise=history.otherwise(number),
            but_for=but_for(history, self._at, history.verdict(self._at)),
            count=len(first) if sets else None,
            needs=first,
            alternatives=tuple(others),
            more=len(sets) == MAX_SETS,
        )

    def _need(self, history: LaneHistory, need: Need) -> NeedAnswer:
        return NeedAnswer(
            kind=need.kind,
            authority=need.authority,
            name=party_name(self._view, need.authority),
            measure=need.measure,
            places=need.places,
            lapsed=need.lapsed,
            **self._cause(need),
            suppose=self._suppose(need),
            pledges=tuple(self._promised(history, need)),
        )

    def _cause(self, need: Need) -> dict[str, Any]:
        """The fields for the hindrance: since when it stands, in words, and by which announcement."""
        view, row = self._view, need.row
        if row == NOTHING:
            return {
                "since": None,
                "announcement": None,
                "reason": silence_reason(view, need.authority, need.places[0]),
            }
        assertion = view.row(row)
        match need.kind:
            case NeedKind.LIFT:
                assert need.measure is not None
                edge = since(view, row, self._at)
                reason = measure_reason(view, need.measure, row, edge)
            case NeedKind.WORD:
                edge, reason = assertion.ends, measure_reason(view, need.lapsed[0], row, assertion.ends, lapsed=True)
            case NeedKind.INFRASTRUCTURE:
                edge, reason = assertion.begins, readiness_reason(view, row)
        return {"since": day(view, edge), "announcement": assertion.announcement, "reason": reason}

    def _suppose(self, need: Need) -> str | None:
        match need.kind:
            case NeedKind.LIFT:
                return f"lift {need.measure}"
            case NeedKind.INFRASTRUCTURE:
                return f"ready {need.places[0]}"
            case NeedKind.WORD:
                if not need.lapsed:
                    return None
                is_permission = self._view.registry.measures[need.lapsed[0]].kind is MeasureKind.PERMISSION
                return f"{'permit' if is_permission else 'lift'} {need.lapsed[0]}"

    def _promised(self, history: LaneHistory, need: Need) -> Iterator[PledgeAnswer]:
        """The open pledges of the authority about what is missing."""
        lane = history.lane
        for pledge in self._pledges.about(self._names(lane, need), lane.only_mode, lane.traffic):
            if need.authority in pledge.parties and self._answers(need, pledge):
                yield pledge

    def _names(self, lane: Lane, need: Need) -> Iterable[str]:
        """The ids that a pledge about a need may name.

        Infrastructure stands at a place of its own, or along a corridor; of the rest a border stands for its crossings,
        but one crossing not for the border.
        """
        registry = self._view.registry
        works = need.kind is NeedKind.INFRASTRUCTURE
        names = {*need.places, *([need.measure] if need.measure is not None else need.lapsed)}
        if not works or lane.subject in registry.corridors:
            names.add(lane.subject)
        if not works:
            names.update(registry.crossings[place].border for place in need.places if place in registry.crossings)
        return names

    def _answers(self, need: Need, pledge: PledgeAnswer) -> bool:
        """Whether a pledge is about a need as to the measures and texts that it names; one that names none is.

        One that names a text is about that, unless it names the crossing itself where something is missing.
        """
        registry = self._view.registry
        measures, texts = (
            {name for name in pledge.at if name in ids} for ids in (registry.measures, registry.instruments)
        )
        missing = [need.measure] if need.measure is not None else need.lapsed
        if any(measure in measures or registry.measures[measure].under in texts for measure in missing):
            return True
        crossings = {place for place in need.places if place in registry.crossings}
        return not measures and (not texts or not crossings.isdisjoint(pledge.at))
