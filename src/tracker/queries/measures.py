"""The parts of a measure's answer beside its state: exemptions, the text that it rests on, what waits for a date."""

from tracker.model.dates import FOREVER, Instant
from tracker.model.effects import Exempt
from tracker.model.lists import in_words
from tracker.model.registry import Measure
from tracker.model.vocabulary import ENDED_STAGES
from tracker.queries.measure_answers import ExemptionAnswer, UnderAnswer, WaitingAnswer
from tracker.queries.parts import amount_text, flow_words, hours_of, place_words
from tracker.queries.reasons import change_of, day
from tracker.state.evidence import basis_of
from tracker.state.instruments import instrument_standing
from tracker.state.measures import MeasureStanding, exemption_of_row
from tracker.state.record import View


def exemption_answer(view: View, measure: Measure, row: int) -> ExemptionAnswer:
    """Answer for an exemption that runs."""
    assertion = view.row(row)
    effect = assertion.effect
    assert isinstance(effect, Exempt)
    flows = (*flow_words(view, effect), *place_words(view, effect))
    words = ", ".join((*in_words(effect.only), *flows)) or "everything"
    terms = (*effect.conditions, hours_of(effect), amount_text(effect.amount, measure.unit))
    terms_text = "; ".join(filter(None, terms))
    return ExemptionAnswer(
        exemption=exemption_of_row(view, row),
        only=effect.only or (),
        conditions=effect.conditions,
        flows=flows,
        amount=effect.amount,
        hours=hours_of(effect),
        since=day(view, assertion.begins),
        until=None if assertion.ends.latest >= FOREVER else day(view, assertion.ends),
        until_event=effect.until_event,
        basis=basis_of(view, row),
        announcement=assertion.announcement,
        text=f"{words} ({terms_text})" if terms_text else words,
    )


def under_answer(view: View, measure: Measure, at: Instant) -> UnderAnswer | None:
    """Answer for the text that a measure rests on; None where none is registered."""
    instrument = view.registry.instruments.get(measure.under) if measure.under else None
    if instrument is None:
        return None
    overall = instrument_standing(view, instrument, at).overall
    return UnderAnswer(
        instrument=instrument.id,
        name=instrument.title,
        stage=overall.stage,
        ended=overall.stage in ENDED_STAGES,
        since=day(view, overall.since),
        announcement=view.row(overall.row).announcement if overall.row >= 0 else None,
    )


def waiting_answer(standing: MeasureStanding) -> WaitingAnswer | None:
    """Answer for a change that is decided and waits for its date; None where there is none."""
    if standing.waiting is None:
        return None
    view, waiting, own = standing.waiting
    row = view.row(waiting)
    return WaitingAnswer(
        event=getattr(row.effect, "from_event", ""),
        change=change_of(view, own, waiting),
        announcement=row.announcement,
    )
