"""States of subjects as of a date."""

from tracker.model.deadline import in_time
from tracker.model.effects import Control
from tracker.model.errors import BadRequest
from tracker.model.registry import Border, Corridor, Crossing, Instrument, Measure
from tracker.model.vocabulary import MeasureState, Verification
from tracker.queries.answers import ControlAnswer, LanesState
from tracker.queries.clocks import Clocks, record_up_to
from tracker.queries.existence import exists_answer
from tracker.queries.lanes import lane_answer, uncertain_answer
from tracker.queries.measure_answers import InstrumentAnswer, MeasureAnswer, PartyStage, StateAnswer
from tracker.queries.measures import exemption_answer, under_answer, waiting_answer
from tracker.queries.parts import hours_of
from tracker.queries.promises import OpenPledges
from tracker.queries.reasons import STATE_WORDS, day, measure_reason, moment_text
from tracker.queries.selection import Selection, Stateful, chosen, chosen_lanes
from tracker.state.evidence import basis_of
from tracker.state.instruments import instrument_standing
from tracker.state.lane_history import Uncertainty, lane_history
from tracker.state.measures import measure_standing
from tracker.state.record import Record, View
from tracker.state.tracks import amount_of, deciding_at
from tracker.timeline.assertions import control_track


def state(
    record: Record,
    clocks: Clocks,
    selection: Selection = Selection(),  # noqa: B008
    *,
    over_periods: bool = False,
) -> list[StateAnswer]:
    """Answer for the chosen subjects; those without a chosen lane are left out.

    Args: over_periods: hours hold in part, whatever the hour: for comparisons, as nights are no changes.
    Raises: UnknownSubject; BadRequest where a named subject has no lane like the one asked for.
    """
    view = record.over_periods(clocks.known, clocks.as_of) if over_periods else record.at(clocks.known, clocks.asked)
    open_pledges = OpenPledges(view, clocks.as_of)
    answers = [
        answer
        for subject in in_time(chosen(view.registry, selection))
        if (answer := _answer(view, clocks, subject, selection, open_pledges)) is not None
    ]
    if selection.subjects and not answers:
        raise BadRequest(f"{', '.join(selection.subjects)} has no lane like the one asked for: leave a filter out")
    return answers


def _answer(
    view: View, clocks: Clocks, subject: Stateful, selection: Selection, open_pledges: OpenPledges
) -> StateAnswer | None:
    match subject:
        case Measure():
            return None if selection.narrows_lanes else _measure_answer(view, clocks, subject)
        case Instrument():
            return None if selection.narrows_lanes else _instrument_answer(view, clocks, subject, open_pledges)
        case _:
            return _lanes_state(view, clocks, subject, selection, open_pledges)


def _lanes_state(
    view: View,
    clocks: Clocks,
    subject: Border | Crossing | Corridor,
    selection: Selection,
    open_pledges: OpenPledges,
) -> LanesState | None:
    """Answer for a border, crossing or corridor; None where none of its lanes is chosen.

    One that is asked about by name on a date on which it does not exist has no lanes.
    """
    question = selection.question(view.registry)
    lanes = chosen_lanes(view.registry, subject, selection)
    histories = [lane_history(view, lane, question) for lane in lanes if lane.life.holds(clocks.as_of)]
    outside = bool(lanes and selection.subjects and selection.status is None and not histories)
    if selection.status is not None:
        histories = [
            history for history in histories if history.status(history.number(clocks.as_of)) is selection.status
        ]
    if not histories and not outside:
        return None
    return LanesState(
        subject=subject.id,
        kind=subject.type,
        name=subject.name or subject.id,
        **clocks.texts,
        covers_until=record_up_to(view.registry.dataset, view.tz, clocks.as_of),
        lanes=tuple(lane_answer(history, clocks.as_of, open_pledges) for history in histories),
        control=None if outside else _control(view, clocks, subject.id),
        exists=exists_answer(view, subject),
    )


def _control(view: View, clocks: Clocks, place: str) -> ControlAnswer | None:
    row = deciding_at(view, control_track(place), clocks.as_of).row
    if row < 0:
        return None
    assertion = view.row(row)
    assert isinstance(assertion.effect, Control)
    return ControlAnswer(by=assertion.effect.by, since=day(view, assertion.begins), announcement=assertion.announcement)


def _measure_answer(view: View, clocks: Clocks, measure: Measure) -> MeasureAnswer:
    standing = measure_standing(view, measure, clocks.as_of)
    view, row = standing.view, standing.row
    assertion = view.row(row) if row is not None else None
    uncertainty = None
    if standing.alternative is not None and standing.alternative_edge is not None:
        uncertainty = Uncertainty(standing.alternative, standing.alternative_edge)
    waiting = waiting_answer(standing)
    reason = STATE_WORDS.get(standing.state, "")
    if row is not None and standing.since is not None:
        reason = measure_reason(view, measure.id, row, standing.since, lapsed=standing.state is MeasureState.LAPSED)
    elif waiting is not None and standing.state is MeasureState.UPCOMING:
        reason = f"{reason}: {waiting.event}"
    announcement = assertion.announcement if assertion else None
    if assertion is None and waiting is not None:
        announcement = waiting.announcement
    own = None if standing.own is None else view.effect(standing.own)
    applied = getattr(own, "applied_from", None)
    under = under_answer(view, measure, clocks.as_of)
    reason += f"; its text has ended ({under.stage})" if under and under.ended and standing.own is not None else ""
    return MeasureAnswer(
        subject=measure.id,
        kind=measure.type,
        name=measure.title,
        **clocks.texts,
        covers_until=record_up_to(view.registry.dataset, view.tz, clocks.as_of),
        authority=measure.authority,
        state=standing.state,
        level=standing.level,
        limits=standing.limits,
        amount=amount_of(own) if own else None,
        unit=measure.unit,
        amount_since=day(view, standing.amount_since),
        hours=hours_of(own) if own else None,
        exemptions=tuple(exemption_answer(view, measure, exemption) for exemption in standing.exemptions),
        waiting=waiting,
        until_event=getattr(own, "until_event", None),
        applied_from=applied.text if applied else None,
        under=under,
        nomenclature=measure.nomenclature,
        ids=measure.ids,
        since=day(view, standing.since),
        decided=None if standing.decided is None else moment_text(view, standing.decided),
        until=day(view, standing.until),
        uncertain=uncertain_answer(view, uncertainty),
        disputed=view.denials(announcement) if announcement else (),
        basis=basis_of(view, row) if row is not None else None,
        announcement=announcement,
        unverified=_unverified(view, row),
        reason=reason,
    )


def _unverified(view: View, row: int | None) -> bool:
    if row is None or row < 0:
        return False
    return view.assertions.attributed(row).verification is Verification.UNVERIFIED


def _instrument_answer(
    view: View, clocks: Clocks, instrument: Instrument, open_pledges: OpenPledges
) -> InstrumentAnswer:
    standing = instrument_standing(view, instrument, clocks.as_of)
    overall = standing.overall
    uncertainty = None
    if overall.alternative_edge is not None:
        alternative = overall.alternative.value if overall.alternative else None
        uncertainty = Uncertainty(alternative, overall.alternative_edge)
    since = day(view, overall.since)
    announcement = view.row(overall.row).announcement if overall.row >= 0 else None
    parties = tuple(
        PartyStage(
            party=party,
            stage=stage.stage,
            since=day(view, stage.since),
            announcement=view.row(stage.row).announcement,
        )
        for party, stage in standing.by_party.items()
        if stage.stage is not None
    )
    return InstrumentAnswer(
        subject=instrument.id,
        kind=instrument.type,
        name=instrument.title,
        **clocks.texts,
        covers_until=record_up_to(view.registry.dataset, view.tz, clocks.as_of),
        stage=overall.stage,
        by_party={party.party: party.stage for party in parties},
        since=since,
        uncertain=uncertain_answer(view, uncertainty),
        announcement=announcement,
        unverified=_unverified(view, overall.row),
        parties=parties,
        ids=instrument.ids,
        pledges=open_pledges.about((instrument.id,)),
        reason=f"{overall.stage} since {since}" if overall.stage else "no stage announced",
    )
