"""Answers in words: why something is as it is, in one sentence."""

from collections.abc import Sequence

from tracker.model.dates import DAY, FOREVER, Edge, Instant, render
from tracker.model.effects import AnyEffect, Ease, Extend, Impose, Lift, Permit, Readiness, Revoke
from tracker.model.registry import Crossing
from tracker.model.vocabulary import Basis, Level, MeasureState, Status
from tracker.state.consents import Cause
from tracker.state.evidence import basis_of
from tracker.state.lane_history import Verdict
from tracker.state.record import View
from tracker.state.tracks import since
from tracker.timeline.track_history import NOTHING


def place_name(view: View, place: str) -> str:
    """A place as people call it; borders go by their id."""
    found = view.registry.places.get(place)
    if isinstance(found, Crossing):
        return found.name
    return (found.name if found is not None else None) or place


def party_name(view: View, party: str) -> str:
    found = view.registry.parties.get(party)
    return found.name if found else party


def day(view: View, edge: Edge | None) -> str | None:
    """An edge as people write it."""
    return None if edge is None else render(edge, view.tz)


def moment_text(view: View, at: Instant) -> str | None:
    """An exact instant as people write it."""
    return render(Edge(at, at), view.tz)


def _from(view: View, edge: Edge) -> str:
    return f" since {render(edge, view.tz)}" if render(edge, view.tz) else ""


def _to(view: View, edge: Edge) -> str:
    """An end as people say it: the last day, or the hour."""
    if edge.latest >= FOREVER:
        return ""
    last = render(Edge(edge.earliest - DAY, edge.latest - DAY), view.tz) or ""
    return f", until {render(edge, view.tz)}" if "T" in last else f", through {last}"


def cause_reason(view: View, cause: Cause) -> str:
    """Why an authority's word is what it is."""
    if cause.row == NOTHING:
        if cause.level is Level.ASSUMED:
            return f"{party_name(view, cause.authority)}: free unless a measure says otherwise"
        return f"no statement by {party_name(view, cause.authority)} about {place_name(view, cause.place)}"
    assert cause.measure is not None
    effect = view.effect(cause.row)
    if isinstance(effect, Ease) and cause.level is Level.PROHIBITED and not cause.lapsed:
        title, limits = view.registry.measures[cause.measure].title, "; ".join(effect.limits)
        return f"{title}, in force; its easing ({limits}) is not for this lane"
    return measure_reason(view, cause.measure, cause.row, lapsed=cause.lapsed)


def measure_reason(view: View, measure: str, row: int, *, lapsed: bool = False) -> str:
    """What an assertion says of its measure."""
    title, assertion = view.registry.measures[measure].title, view.row(row)
    if lapsed:
        return f"{title} ran out {render(assertion.ends, view.tz)} with no decision on record"
    effect = assertion.effect
    begun, ending = _from(view, since(view, row)), _to(view, assertion.ends)
    match effect:
        case Ease():
            return f"{title}, eased{begun} ({'; '.join(effect.limits)}){ending}"
        case Lift() | Revoke():
            return f"{title}, lifted{begun}{ending}"
        case Permit():
            limits = f" ({'; '.join(effect.limits)})" if effect.limits else ""
            return f"{title}, in force{begun}{limits}{ending}"
        case _:
            return f"{title}, in force{begun}{ending}"


def lane_reason(view: View, verdict: Verdict, status: Status, passed: Sequence[AnyEffect], last: str | None) -> str:
    """The one decisive reason for a lane's status."""
    if status is Status.OPERATING:
        count = len(passed)
        return f"{count} passage{'s' if count > 1 else ''} seen, the last on {last}"
    if status is Status.UNREADY:
        return _unready(view, verdict)
    word = verdict.causes
    worst = [cause for cause in word if cause.level is word[0].level]
    if status is Status.OPEN:
        worst = sorted((cause for cause in word if cause.row != NOTHING), key=lambda cause: _weight(view, cause))
        if not worst:
            return "free unless a measure says otherwise"
    measures = {cause.measure or cause.place for cause in worst}
    more = f" (and {len(measures) - 1} more)" if len(measures) > 1 and status is not Status.OPEN else ""
    return cause_reason(view, worst[0]) + more


def _weight(view: View, cause: Cause) -> tuple[bool, int]:
    """An authority's own word first, then the newest."""
    return basis_of(view, cause.row) is not Basis.DECLARED, -view.row(cause.row).begins.latest


def _unready(view: View, verdict: Verdict) -> str:
    assertion = view.row(verdict.readiness[0])
    effect = assertion.effect
    assert isinstance(effect, Readiness)
    what = {"absent": "infrastructure is absent", "works": "infrastructure is under works", "ready": "is ready"}
    place = place_name(view, effect.at)
    return f"{place}: {what[effect.state]} ({party_name(view, effect.party)},{_from(view, assertion.begins)})"


STATE_WORDS = {
    MeasureState.NONE: "never announced",
    MeasureState.UPCOMING: "announced, not yet in force",
}


def change_of(view: View, before: int, after: int) -> str:
    """A change on a track, in words."""
    return f"{_standing(view, before)} → {_standing(view, after)}"


def _standing(view: View, row: int) -> str:
    if row < 0:
        return "no value"
    effect = view.effect(row)
    match effect:
        case Impose() | Extend() | Permit():
            return "in force"
        case Ease():
            return f"eased ({'; '.join(effect.limits)})"
        case Lift() | Revoke():
            return "lifted"
        case Readiness():
            return f"{effect.state} ({effect.party}, {effect.at})"
        case _:
            return effect.type
