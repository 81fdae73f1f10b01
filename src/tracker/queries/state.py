"""The state of subjects as of a date."""

from tracker.model.effects import Control
from tracker.model.errors import BadRequest
from tracker.model.registry import Border, Corridor, Crossing, Instrument, Measure
from tracker.model.vocabulary import MeasureState, Verification
from tracker.queries.answers import ControlAnswer, InstrumentAnswer, LanesState, MeasureAnswer, PartyStage, StateAnswer
from tracker.queries.clocks import Clocks
from tracker.queries.lanes import OpenPledges, lane_answer, uncertain_answer
from tracker.queries.reasons import STATE_WORDS, day, measure_reason
from tracker.queries.selection import Selection, Stateful, chosen, chosen_lanes
from tracker.state.evidence import basis_of
from tracker.state.instruments import instrument_standing
from tracker.state.lane_history import Uncertainty, lane_history
from tracker.state.measures import measure_standing
from tracker.state.record import Record, View
from tracker.state.tracks import deciding_at
from tracker.timeline.assertions import control_track


def state(record: Record, clocks: Clocks, selection: Selection = Selection()) -> list[StateAnswer]:  # noqa: B008
    """The state of the chosen subjects, those without a chosen lane left out unless asked for by name.

    Raises: UnknownSubject; BadRequest where a named subject has no lane like the one asked for.
    """
    view = record.at(clocks.known)
    promised = OpenPledges.at(view, clocks.as_of)
    answers = [_answer(view, clocks, subject, selection, promised) for subject in chosen(view.registry, selection)]
    found = [answer for answer in answers if answer is not None]
    if selection.subjects and not found:
        raise BadRequest(f"{', '.join(selection.subjects)} has no lane like the one asked for: leave a filter out")
    return found


def _answer(
    view: View, clocks: Clocks, subject: Stateful, selection: Selection, promised: OpenPledges
) -> StateAnswer | None:
    match subject:
        case Measure():
            return None if selection.narrows_lanes else measure_answer(view, clocks, subject)
        case Instrument():
            return None if selection.narrows_lanes else instrument_answer(view, clocks, subject, promised)
        case _:
            return lanes_state(view, clocks, subject, selection, promised)


def lanes_state(
    view: View,
    clocks: Clocks,
    subject: Border | Crossing | Corridor,
    selection: Selection,
    promised: OpenPledges,
) -> LanesState | None:
    """A border, crossing or corridor; None where none of its lanes is chosen."""
    histories = [
        lane_history(view, lane, selection.question) for lane in chosen_lanes(view.registry, subject, selection)
    ]
    if selection.status is not None:
        histories = [each for each in histories if each.status(each.number(clocks.as_of)) is selection.status]
    if not histories:
        return None
    return LanesState(
        subject=subject.id,
        kind=subject.type,
        name=subject.name or subject.id,
        as_of=clocks.as_of_text,
        announced_by=clocks.announced_by_text,
        recorded_by=clocks.recorded_by_text,
        lanes=tuple(lane_answer(history, clocks.as_of, promised) for history in histories),
        control=_control(view, clocks, subject.id),
    )


def _control(view: View, clocks: Clocks, place: str) -> ControlAnswer | None:
    row = deciding_at(view, control_track(place), clocks.as_of).row
    if row < 0:
        return None
    assertion = view.row(row)
    assert isinstance(assertion.effect, Control)
    return ControlAnswer(by=assertion.effect.by, since=day(view, assertion.begins), announcement=assertion.announcement)


def measure_answer(view: View, clocks: Clocks, measure: Measure) -> MeasureAnswer:
    """Where a measure stands."""
    found = measure_standing(view, measure, clocks.as_of)
    assertion = view.row(found.row) if found.row is not None else None
    uncertain = None
    if found.alternative is not None and found.alternative_edge is not None:
        uncertain = Uncertainty(found.alternative, found.alternative_edge)
    reason = STATE_WORDS.get(found.state, "")
    if found.row is not None and found.state not in STATE_WORDS:
        reason = measure_reason(view, measure.id, found.row, lapsed=found.state is MeasureState.LAPSED)
    announcement = assertion.announcement if assertion else None
    return MeasureAnswer(
        subject=measure.id,
        kind=measure.type,
        name=measure.title,
        as_of=clocks.as_of_text,
        announced_by=clocks.announced_by_text,
        recorded_by=clocks.recorded_by_text,
        authority=measure.authority,
        state=found.state,
        level=found.level,
        limits=found.limits,
        since=day(view, found.since),
        until=day(view, found.until),
        uncertain=uncertain_answer(view, uncertain),
        disputed=view.denials(announcement) if announcement else (),
        basis=basis_of(view, found.row) if found.row is not None else None,
        announcement=announcement,
        unverified=_unverified(view, found.row),
        reason=reason,
    )


def _unverified(view: View, row: int | None) -> bool:
    found = view.assertions.attributed(row).verification if row is not None and row >= 0 else None
    return found is Verification.UNVERIFIED


def instrument_answer(view: View, clocks: Clocks, instrument: Instrument, promised: OpenPledges) -> InstrumentAnswer:
    """How far a text has come."""
    found = instrument_standing(view, instrument, clocks.as_of)
    overall = found.overall
    uncertain = None
    if overall.alternative_edge is not None:
        alternative = overall.alternative.value if overall.alternative else None
        uncertain = Uncertainty(alternative, overall.alternative_edge)
    since = day(view, overall.since)
    announcement = view.row(overall.row).announcement if overall.row >= 0 else None
    parties = tuple(
        PartyStage(
            party=party,
            stage=each.stage,
            since=day(view, each.since),
            announcement=view.row(each.row).announcement,
        )
        for party, each in found.by_party.items()
        if each.stage is not None
    )
    return InstrumentAnswer(
        subject=instrument.id,
        kind=instrument.type,
        name=instrument.title,
        as_of=clocks.as_of_text,
        announced_by=clocks.announced_by_text,
        recorded_by=clocks.recorded_by_text,
        stage=overall.stage,
        by_party={each.party: each.stage for each in parties},
        since=since,
        uncertain=uncertain_answer(view, uncertain),
        announcement=announcement,
        unverified=_unverified(view, overall.row),
        parties=parties,
        pledges=promised.about((instrument.id,)),
        reason=f"{overall.stage} since {since}" if overall.stage else "no stage announced",
    )
