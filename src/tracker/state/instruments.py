"""How far a text has come, overall and by party. Source: design §7."""

from collections.abc import Mapping
from typing import NamedTuple

from tracker.model.dates import Edge, Instant
from tracker.model.effects import StageReached
from tracker.model.registry import Instrument
from tracker.model.vocabulary import Stage
from tracker.state.record import View
from tracker.state.tracks import TrackState, track_state
from tracker.timeline.assertions import stage_track


class StageStanding(NamedTuple):
    """The stage of a text at an instant; none before the first."""

    stage: Stage | None
    row: int
    since: Edge | None
    alternative: Stage | None
    alternative_edge: Edge | None


class InstrumentStanding(NamedTuple):
    """A text at an instant."""

    overall: StageStanding
    by_party: Mapping[str, StageStanding]


def instrument_standing(view: View, instrument: Instrument, at: Instant) -> InstrumentStanding:
    """How far a text had come at an instant."""
    prefix = stage_track(instrument.id) + ":"
    by_party = {}
    for _, name in view.assertions.beginning(prefix):
        standing = _standing(view, track_state(view, name, at))
        if standing.row >= 0:
            effect = view.effect(standing.row)
            assert isinstance(effect, StageReached)
            assert effect.party is not None
            by_party[effect.party] = standing
    return InstrumentStanding(_standing(view, track_state(view, stage_track(instrument.id), at)), by_party)


def _standing(view: View, found: TrackState) -> StageStanding:
    stage, since = stage_at(view, found.row), view.row(found.row).begins if found.row >= 0 else None
    if found.alternative is None or stage_at(view, found.alternative) == stage:
        return StageStanding(stage, found.row, since, None, None)
    return StageStanding(stage, found.row, since, stage_at(view, found.alternative), found.alternative_edge)


def stage_at(view: View, row: int) -> Stage | None:
    """The stage that a row of a text's track brings; none where there is no row."""
    if row < 0:
        return None
    effect = view.effect(row)
    assert isinstance(effect, StageReached)
    return effect.stage
