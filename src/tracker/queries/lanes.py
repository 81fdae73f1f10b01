"""Answers for one lane, with its causes, passages and upcoming changes."""

from collections.abc import Iterator, Sequence
from functools import partial
from operator import itemgetter

from tracker.model.dates import DAY, FOREVER, Instant
from tracker.model.effects import Readiness
from tracker.model.vocabulary import Mode, Verification
from tracker.queries.answers import (
    BesideAnswer,
    CauseAnswer,
    LaneAnswer,
    ManyCauseAnswers,
    PassagesAnswer,
    ReadinessAnswer,
    ThroughAnswer,
    Uncertain,
    UpcomingAnswer,
)
from tracker.queries.parts import but_for, hours_of
from tracker.queries.promises import OpenPledges
from tracker.queries.reasons import (
    cause_reason,
    cause_since,
    change_of,
    day,
    lane_reason,
    measure_reason,
    moment_text,
    through_text,
)
from tracker.queries.registry_changes import registry_changes
from tracker.state.consents import Cause
from tracker.state.evidence import basis_of
from tracker.state.lane_history import NO_DATE, LaneHistory, Move, Uncertainty, lane_history
from tracker.state.lane_statuses import Through
from tracker.state.lanes import gates
from tracker.state.many_causes import ManyCauses
from tracker.state.measures import limits_of
from tracker.state.observations import Seen
from tracker.state.phases import edges, next_edge
from tracker.state.record import View
from tracker.state.tracks import amount_of, maker
from tracker.timeline.track_history import NOTHING


def lane_answer(history: LaneHistory, at: Instant, open_pledges: OpenPledges | None = None) -> LaneAnswer:
    """Answer for a lane at an instant; without `open_pledges`, it lists none."""
    view, lane, number = history.view, history.lane, history.number(at)
    verdict, status = history.verdict(at), history.status(number)
    passed = history.passed(at)
    last = day(view, passed[-1].on) if passed else None
    edge = history.edge(history.since(number))
    return LaneAnswer(
        mode=lane.mode,
        traffic=lane.traffic,
        direction=lane.direction,
        status=status,
        severity=history.severity(number),
        otherwise=history.otherwise(number),
        but_for=but_for(history, at, verdict),
        through=through_answers(history, number),
        since=day(view, edge),
        uncertain=uncertain_answer(view, history.uncertainty(at)),
        disputed=_disputed(view, verdict.causes),
        because=_because(view, verdict.causes),
        exceptions=tuple(cause_answer(view, cause) for cause in verdict.exceptions),
        formalities=tuple(_beside(view, cause) for cause in verdict.formalities),
        exposure=tuple(_beside(view, cause) for cause in verdict.exposure),
        readiness=tuple(_readiness(view, row) for row in verdict.readiness),
        passages=_passages(history, passed, at),
        upcoming=upcoming(history, at),
        pledges=open_pledges.about(gates(lane), lane.only_mode, lane.traffic) if open_pledges else (),
        stale_days=_stale(history, at),
        reason=lane_reason(view, verdict, status, [seen.effect for seen in passed], last),
    )


def through_answers(history: LaneHistory, number: int) -> tuple[ThroughAnswer, ...]:
    """The best crossings from one of the points of a history on, for each border that its path names."""
    return tuple(_through(history.view, way) for way in history.through(number))


def _through(view: View, way: Through) -> ThroughAnswer:
    return ThroughAnswer(
        border=way.border,
        crossings=way.crossings,
        another=way.another,
        shut=way.shut,
        registered=way.registered,
        text=through_text(view, way),
    )


def cause_answer(view: View, cause: Cause) -> CauseAnswer:
    """Answer for one cause; cached with the view, as many lanes share it."""
    answer = view.memo.get(cause)
    if answer is None:
        answer = view.memo[cause] = _cause_answer(view, cause)
    assert isinstance(answer, CauseAnswer)
    return answer


def _cause_answer(view: View, cause: Cause) -> CauseAnswer:
    if cause.row == NOTHING:
        return CauseAnswer(
            place=cause.place,
            authority=cause.authority,
            level=cause.level,
            basis=None,
            measure=None,
            announcement=None,
            since=None,
            reason=cause_reason(view, cause),
        )
    assert cause.measure is not None
    row, effect, since, ends = cause.row, view.said(cause.row), cause_since(view, cause), view.ending(cause.row)
    return CauseAnswer(
        place=cause.place,
        authority=cause.authority,
        level=cause.level,
        basis=None if cause.lapsed else basis_of(view, row),
        measure=cause.measure,
        announcement=view.assertions.announced_in(row),
        since=day(view, since),
        until=None if cause.lapsed or ends.latest >= FOREVER else day(view, ends),
        limits=limits_of(effect),
        **_terms(view, cause),
        until_event=getattr(effect, "until_event", None),
        lapsed=cause.lapsed,
        required=cause.required,
        unverified=view.assertions.attributed(row).verification is Verification.UNVERIFIED,
        reason=measure_reason(view, cause.measure, row, since, lapsed=cause.lapsed),
    )


def _beside(view: View, cause: Cause) -> BesideAnswer:
    """Answer for a measure beside the status."""
    answer = cause_answer(view, cause)
    assert answer.measure is not None
    assert answer.announcement is not None
    assert answer.basis is not None
    return BesideAnswer(
        place=answer.place,
        authority=answer.authority,
        measure=answer.measure,
        **_terms(view, cause),
        limits=answer.limits,
        basis=answer.basis,
        announcement=answer.announcement,
        since=answer.since,
        until=answer.until,
        unverified=answer.unverified,
        reason=answer.reason,
    )


def _terms(view: View, cause: Cause) -> dict[str, str | None]:
    """The amount of a cause, with its unit, and its hours."""
    assert cause.measure is not None
    effect = view.said(cause.row)
    return {"amount": amount_of(effect), "unit": view.registry.measures[cause.measure].unit, "hours": hours_of(effect)}


def uncertain_answer(view: View, uncertainty: Uncertainty | None) -> Uncertain | None:
    """Answer for an uncertain state; None where it is certain."""
    if uncertainty is None:
        return None
    return Uncertain(
        alternative=uncertainty.alternative,
        starts=moment_text(view, uncertainty.edge.earliest),
        ends=moment_text(view, uncertainty.edge.latest),
    )


def _because(view: View, causes: Sequence[Cause]) -> Sequence[CauseAnswer]:
    if isinstance(causes, ManyCauses):
        return ManyCauseAnswers(causes, partial(cause_answer, view))
    return tuple(cause_answer(view, cause) for cause in causes)


def _disputed(view: View, causes: Sequence[Cause]) -> tuple[str, ...]:
    if not view.record.denying:
        return ()
    announcements = (view.assertions.announced_in(cause.row) for cause in causes if cause.row != NOTHING)
    denials = [key for announcement in announcements for key in view.denials(announcement)]
    return tuple(dict.fromkeys(denials))


def _readiness(view: View, row: int) -> ReadinessAnswer:
    assertion = view.row(row)
    effect = assertion.effect
    assert isinstance(effect, Readiness)
    return ReadinessAnswer(
        place=effect.at,
        party=effect.party,
        mode=Mode(assertion.track.rsplit(":", 1)[1]),
        state=effect.state,
        basis=basis_of(view, row),
        announcement=assertion.announcement,
        since=day(view, assertion.begins),
    )


def _passages(history: LaneHistory, passed: Sequence[Seen], at: Instant) -> PassagesAnswer:
    view = history.view
    quantities = [seen.effect.quantity for seen in passed if seen.effect.quantity is not None]
    none = [seen for seen in history.seen if seen.effect.none and seen.on.latest <= at]
    before = [seen for seen in history.seen if not seen.effect.none and seen.on.latest <= at and seen not in passed]
    start = history.passable_from(history.number(at))
    return PassagesAnswer(
        count=len(passed),
        first=day(view, passed[0].on) if passed else None,
        last=day(view, passed[-1].on) if passed else None,
        quantity=round(sum(quantities), 3) if quantities else None,
        announcements=tuple(dict.fromkeys(view.row(seen.row).announcement for seen in passed)),
        none_reported=day(view, none[-1].on) if none else None,
        since=None if start is None else day(view, history.edge(start)),
        before=len(before),
    )


def upcoming(history: LaneHistory, at: Instant) -> tuple[UpcomingAnswer, ...]:
    """The changes after an instant that had been announced by then, be they put off or dropped since.

    Of the dates of the registry, which knows no announcements, those that change the status or the best crossings.
    """
    view = history.view.foreseen(at)
    registered = next_edge(view.registry, at) < FOREVER
    if not registered and not view.goes_on(at):
        return ()
    foreseen = history if view is history.view else lane_history(view, history.lane, history.question)
    dated = [(move.at, _upcoming(view, move)) for move in foreseen.coming(at)]
    dated += _registered(foreseen, at) if registered else []
    waiting = [_upcoming(view, move) for move in foreseen.waiting(at)]
    return (*(change for _, change in sorted(dated, key=itemgetter(0))), *waiting)


def _registered(history: LaneHistory, at: Instant) -> Iterator[tuple[Instant, UpcomingAnswer]]:
    """The changes of a lane after an instant by dates of the registry."""
    view = history.view
    for point in edges(view.registry):
        number = history.number(point)
        shifts = point > at and history.points[number] == point and history.shifts(number)
        changes = list(registry_changes(view, history.lane, point)) if shifts else []
        if changes:
            answer = UpcomingAnswer(
                at=moment_text(view, point),
                status=history.status(number),
                measure=None,
                change="; ".join(dict.fromkeys(changes)),
                announcement=None,
                announced=None,
            )
            yield point, answer


def _upcoming(view: View, move: Move) -> UpcomingAnswer:
    kind, _, rest = view.assertions.tracks[move.track].partition(":")
    dated = move.at < NO_DATE
    assertion = view.row(maker(view, move.before, move.after, move.at) if dated else move.after)
    return UpcomingAnswer(
        at=moment_text(view, move.at) if dated else None,
        event=None if dated else getattr(assertion.effect, "from_event", None),
        status=move.status,
        measure=rest if kind == "measure" else None,
        change=change_of(view, move.before, move.after),
        announcement=assertion.announcement,
        announced=moment_text(view, assertion.order),
    )


def _stale(history: LaneHistory, at: Instant) -> int | None:
    """Days since the newest evidence by an instant: an announcement about the lane, or a report of traffic."""
    newest = history.track_set.newest(at)
    past = [seen.on.latest for seen in history.seen if seen.on.latest <= at]
    past += [] if newest is None else [newest]
    return (at - max(past)) // DAY if past else None
