"""Reasons in words: one sentence for a cause, a measure, a lane or a change."""

from collections.abc import Iterable, Iterator, Sequence

from tracker.model.announcement import title_of
from tracker.model.dates import DAY, FOREVER, Edge, Instant, render
from tracker.model.effects import AnyEffect, Exempt, Extend, Impose, Lift, Permit, Readiness, Revoke
from tracker.model.registry import Measure
from tracker.model.vocabulary import Level, MeasureState, Status
from tracker.queries.answers import LaneName
from tracker.queries.parts import amount_text, names_text
from tracker.state.consents import Cause
from tracker.state.deciding import decisive_cause
from tracker.state.lane_history import LaneHistory, Verdict
from tracker.state.lane_statuses import Through
from tracker.state.lanes import Lane
from tracker.state.many_causes import ManyCauses
from tracker.state.measures import limits_of
from tracker.state.record import View
from tracker.state.scope import other_edition
from tracker.state.tracks import amount_of, amount_since, since
from tracker.timeline.track_history import NOTHING

MAX_NAMES = 3  # of crossings in one text, before "and 2 more"


def place_name(view: View, place: str) -> str:
    """The name of a place; its id where it has none, as borders may."""
    entry = view.registry.places.get(place)
    return (entry.name if entry is not None else None) or place


def party_name(view: View, party: str) -> str:
    """The name of a party; its id where it is not registered."""
    entry = view.registry.parties.get(party)
    return entry.name if entry else party


def lane_words(subject: str, lane: Lane | LaneName | None, separator: str = " ") -> str:
    """A subject, and its lane where it is about one: "margara road goods AM>TR"."""
    return separator.join([subject, lane.mode, lane.traffic, lane.direction] if lane else [subject])


def titles(view: View, announcements: Iterable[str]) -> tuple[str, ...]:
    """The titles of announcements that are known to a view."""
    versions = (view.version(key) for key in announcements)
    return tuple(
        title_of(version.content) for version in versions if version is not None and version.content is not None
    )


def day(view: View, edge: Edge | None) -> str | None:
    """An edge as text: see `tracker.model.dates.render`."""
    return None if edge is None else render(edge, view.tz)


def moment_text(view: View, at: Instant) -> str | None:
    """An exact instant as text: a day where it falls on midnight."""
    return render(Edge(at, at), view.tz)


def _from(view: View, edge: Edge) -> str:
    return f" since {render(edge, view.tz)}" if render(edge, view.tz) else ""


def _to(view: View, edge: Edge, event: str | None = None) -> str:
    """An end in words: the last day, inclusive, or the instant; or what ends it."""
    if event is not None:
        return f"{_to(view, edge)}{' or' if edge.latest < FOREVER else ','} until: {event}"
    if edge.latest >= FOREVER:
        return ""
    last = render(Edge(edge.earliest - DAY, edge.latest - DAY), view.tz) or ""
    return f", until {render(edge, view.tz)}" if "T" in last else f", through {last}"


def cause_since(view: View, cause: Cause) -> Edge:
    """Since when the measure of a cause has been in its state, or when it ran out."""
    if cause.lapsed:
        return view.ending(cause.row)
    return since(view, cause.row, max(cause.begun, view.begins(cause.row).latest))


def cause_reason(view: View, cause: Cause) -> str:
    """The reason for a cause of a lane's status."""
    if cause.row == NOTHING:
        if cause.level is Level.ASSUMED:
            return f"{party_name(view, cause.authority)}: free unless a measure says otherwise"
        return silence_reason(view, cause.authority, cause.place)
    assert cause.measure is not None
    return measure_reason(view, cause.measure, cause.row, cause_since(view, cause), lapsed=cause.lapsed)


def silence_reason(view: View, authority: str, place: str) -> str:
    """The silence of an authority about a place, in words."""
    return f"no statement by {party_name(view, authority)} about {place_name(view, place)}"


def measure_reason(view: View, measure: str, row: int, begun: Edge, *, lapsed: bool = False) -> str:
    """The state of a measure according to an assertion, in words.

    Args: begun: when that state began.
    """
    entry, ends = view.registry.measures[measure], view.ending(row)
    title = entry.title
    if lapsed:
        return f"{title} ran out {render(ends, view.tz)} with no decision on record"
    effect = view.said(row)
    start, ending = _from(view, begun), _to(view, ends, getattr(effect, "until_event", None))
    limits = _in_brackets((*limits_of(effect), *_terms(view, entry, row, begun)))
    match effect:
        case Exempt():
            return f"{title}, eased{start}{limits}{ending}"
        case Lift():
            return f"{title}, lifted{start}{ending}"
        case Revoke():
            return f"{title}, revoked{start}{ending}"
        case _:
            return f"{title}, in force{start}{limits}{ending}"


def reason_at(history: LaneHistory, at: Instant) -> str:
    """The decisive reason for a lane's status at an instant."""
    return reason_of(history, at, history.verdict(at))


def reason_of(history: LaneHistory, at: Instant, verdict: Verdict) -> str:
    """The decisive reason for a lane's status at an instant, whose verdict is known."""
    view, passed = history.view, history.passed(at)
    status, last = history.status(history.number(at)), day(view, passed[-1].on) if passed else None
    return lane_reason(view, verdict, status, [seen.effect for seen in passed], last)


def _limits(effect: AnyEffect) -> str:
    """For whom an effect is, and how, in brackets."""
    return _in_brackets(limits_of(effect))


def _in_brackets(words: Sequence[str]) -> str:
    return f" ({'; '.join(words)})" if words else ""


def _terms(view: View, measure: Measure, row: int, begun: Edge) -> Iterator[str]:
    """Names in the scope, the amount of a row, the edition of the goods, from when it was later said to apply."""
    effect = view.said(row)
    yield from filter(None, [names_text(measure.scope.named)])
    amount = amount_text(amount_of(effect), measure.unit)
    if amount is not None:
        start = amount_since(view, row, max(begun.latest, view.begins(row).latest))
        yield amount if start == begun or isinstance(effect, Exempt) else f"{amount}{_from(view, start)}"
    if edition := other_edition(measure):
        yield f"goods as numbered in {edition}, compared to two digits"
    if applied := getattr(effect, "applied_from", None):
        yield f"applied from {applied.text}"


def lane_reason(view: View, verdict: Verdict, status: Status, passed: Sequence[AnyEffect], last: str | None) -> str:
    """The decisive reason for a lane's status.

    Args: passed: the passages since it became passable; last: the date of the last passage.
    """
    if status is Status.OPERATING:
        count = len(passed)
        return f"{count} passage{'s' if count > 1 else ''} seen, the last on {last}"
    if status is Status.UNREADY:
        return readiness_reason(view, verdict.readiness[0]) if verdict.readiness else "no crossing point exists"
    if status is Status.PRESUMED:
        return "no bar on record, and no statement"
    cause = decisive_cause(verdict.causes, status)
    assert cause is not None
    measures = _measures_of(verdict.causes, cause.level)
    more = f" (and {measures - 1} more)" if measures > 1 and status is not Status.OPEN else ""
    return cause_reason(view, cause) + more


def _measures_of(causes: Sequence[Cause], level: Level) -> int:
    """How many measures, or silences at a place, have an effect of a level."""
    if isinstance(causes, ManyCauses):
        return causes.count(level)
    return len({cause.measure or cause.place for cause in causes if cause.level is level})


def through_text(view: View, way: Through) -> str | None:
    """The best crossings of a border in words; None where all are equally good, or there is but one that is shut."""
    if not way.crossings and not way.another:
        every = "both" if way.registered == 2 else f"all {way.registered}"
        return f"{every} registered crossings shut" if way.shut == way.registered > 1 else None
    if way.any_of_them:
        return None
    names = [place_name(view, crossing) for crossing in way.crossings] + ["another crossing"] * way.another
    *first, last = names if len(names) <= MAX_NAMES + 1 else [*names[:MAX_NAMES], f"{len(names) - MAX_NAMES} more"]
    text = f"{', '.join(first)} and {last}" if first else last
    return f"through {text}" + (f" ({way.shut} of {way.registered} shut)" if way.shut else "")


def readiness_reason(view: View, row: int) -> str:
    """The state of infrastructure according to an assertion, in words."""
    assertion = view.row(row)
    effect = assertion.effect
    assert isinstance(effect, Readiness)
    words = {"absent": "infrastructure is absent", "works": "infrastructure is under works", "ready": "is ready"}
    place = place_name(view, effect.at)
    return f"{place}: {words[effect.state]} ({party_name(view, effect.party)},{_from(view, assertion.begins)})"


STATE_WORDS = {
    MeasureState.NONE: "never announced",
    MeasureState.UPCOMING: "announced, not yet in force",
}


def change_of(view: View, before: int, after: int) -> str:
    """A change of the deciding row of a track, in words."""
    return f"{_standing(view, before)} → {_standing(view, after)}"


def _standing(view: View, row: int) -> str:
    """The state in which a deciding row leaves its track, in words.

    Args: row: of this view; -1: none decides.
    """
    if row < 0:
        return "no value"
    effect = view.effect(row)
    match effect:
        case Impose() | Extend() | Permit():
            return "in force"
        case Exempt():
            return f"exempt{_limits(effect)}"
        case Lift():
            return "lifted"
        case Revoke():
            return "revoked"
        case Readiness():
            return f"{effect.state} ({effect.party}, {effect.at})"
        case _:
            return effect.type
