"""The consents that a lane needs, place by place, and the measures that bear on them. Source: design §6."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from tracker.model.dates import FOREVER, Instant
from tracker.model.effects import Exempt
from tracker.model.registry import Measure
from tracker.model.vocabulary import Level, MeasureKind
from tracker.state.blocs import exempts_at
from tracker.state.lanes import Lane, Site
from tracker.state.narrowing import holds_in_part, says_of_some
from tracker.state.observations import readiness_tracks
from tracker.state.phases import Phase
from tracker.state.record import View
from tracker.state.scope import (
    ANYTHING,
    Coverage,
    Question,
    beside_status,
    covers_all,
    exempts_all,
    moves,
)
from tracker.state.slots import Slots, slots_of
from tracker.state.terms import PLAIN_TERMS, Terms, terms_of
from tracker.timeline.assertions import measure_track
from tracker.timeline.track_history import NOTHING


class Cause(NamedTuple):
    """One authority's word, or silence, at one place."""

    place: str
    authority: str
    level: Level
    measure: str | None = None
    row: int = NOTHING  # the assertion that decides; of a lapsed measure the one that ended last
    lapsed: bool = False
    required: bool = True  # False: the restriction of somebody whose consent is not needed
    begun: Instant = FOREVER  # since when the authority's word has been this one
    number: int = 0  # see `decision_changes`; 0: a silence, or beside the status


class ApplicableMeasure(NamedTuple):
    """A measure as it bears on one place of a lane."""

    measure: Measure
    tracks: tuple[int, ...]  # its own, then those of exemptions from it
    place: str
    terms: Terms

    @property
    def holds_rest(self) -> bool:
        """Whether it may bear on the flow in none of the classes: a permission only if it is for everything."""
        if self.measure.kind is MeasureKind.PERMISSION:
            return self.terms.coverage is Coverage.FULL
        return not self.terms.by_class

    @property
    def differs_for_rest(self) -> bool:
        """Whether it may decide otherwise on the flow in none of the classes and exemptions."""
        terms = self.terms
        narrowed = terms.narrowed or bool(terms.freed_in_part) or terms.rest is not None
        return not self.holds_rest or narrowed or self.measure.kind is MeasureKind.PERMISSION


class Consent(NamedTuple):
    """An authority's consent at one place, with its measures; or the measures of all whose consent is not needed."""

    slot: int
    silence: Cause | None  # counts where no measure does; None where no consent is needed
    measures: tuple[ApplicableMeasure, ...]


class RequiredConsents(NamedTuple):
    """Everything on which a lane's status depends, but for passages.

    Measures on which nothing was ever announced are left out: they say nothing.
    """

    slots: Slots
    consents: tuple[Consent, ...]  # those on which something was announced
    silences: tuple[tuple[int, Cause], ...]  # the others, by slot
    readiness: tuple[tuple[int, int], ...]  # slots, and tracks of reports on infrastructure

    @property
    def tracks(self) -> set[int]:
        """Every track that can change the status."""
        every = (applicable for consent in self.consents for applicable in consent.measures)
        measures = {track for some in every if not beside_status(some.measure) for track in some.tracks}
        return measures.union(track for _, track in self.readiness)


def required_consents(view: View, lane: Lane, question: Question = ANYTHING) -> RequiredConsents:
    """Find the consents that a lane needs, and the measures that bear on them."""
    slots = slots_of(lane.steps)
    of_lane = _at(view, lane.subject) if _is_corridor(view, lane) else ()
    consents: list[Consent] = []
    silences: list[tuple[int, Cause]] = []
    others: dict[int, list[ApplicableMeasure]] = {}
    for site, numbers, slot_of_others, _ in slots.sites:
        here = lane.at(site)
        place = _place(view, site, here)
        local = list(_applicable(view, place.measures, here, site, question)) if place.measures else []
        of_the_whole = list(_applicable(view, of_lane, here, None, question, site)) if of_lane else []
        blocs = site.phase.blocs if site.phase else (frozenset[str](),) * len(numbers)
        for silence, slot, own_blocs in zip(place.silences, numbers, blocs, strict=True):
            decided_by = {silence.authority, *own_blocs}
            own = [one for one in (*local, *of_the_whole) if one.measure.authority in decided_by]
            if own:
                consents.append(Consent(slot, silence, tuple(own)))
            else:
                silences.append((slot, silence))
        if local:
            some = _of_others(view, local, site.authorities, site.phase)
            others.setdefault(slot_of_others, []).extend(some)
    for slot, authorities, phase in slots.whole if of_lane else ():
        whole = _applicable(view, of_lane, lane, None, question, phase=phase)
        others.setdefault(slot, []).extend(_of_others(view, whole, authorities, phase))
    consents += [Consent(slot, None, tuple(measures)) for slot, measures in others.items() if measures]
    return RequiredConsents(slots, tuple(consents), tuple(silences), tuple(_readiness(view, lane, slots)))


def _is_corridor(view: View, lane: Lane) -> bool:
    return lane.subject in view.registry.corridors


def _readiness(view: View, lane: Lane, slots: Slots) -> Iterator[tuple[int, int]]:
    for (slot, mode), places in slots.places.items():
        named = places | {lane.subject} if slot == slots.readiness and _is_corridor(view, lane) else places
        for track in readiness_tracks(view, named, mode or lane.mode):
            yield slot, track


def _of_others(
    view: View, measures: Iterable[ApplicableMeasure], authorities: Iterable[str], phase: Phase | None
) -> Iterator[ApplicableMeasure]:
    """The restrictions by all others than the given authorities; not by those whom these replaced, nor by blocs."""
    for some in measures:
        measure = some.measure
        if measure.kind is not MeasureKind.RESTRICTION or measure.authority in authorities:
            continue
        if phase is None or not (measure.authority in phase.related or _was_ordered(view, some, phase)):
            yield some


def _was_ordered(view: View, applicable: ApplicableMeasure, phase: Phase) -> bool:
    """Whether a measure was ordered by a party while it was in charge here, before it was replaced."""
    until = dict(phase.replaced).get(applicable.measure.authority)
    if until is None:
        return False
    rows = view.rows_of(applicable.tracks[0])
    return any(view.begins(row).latest < until for row in rows)


class _AnnouncedMeasure(NamedTuple):
    """A measure on which something was announced."""

    measure: Measure
    tracks: tuple[int, ...]
    exemptions: tuple[tuple[int, Exempt], ...]  # with their rows
    narrowed: bool  # whether one of its effects is for a class or some hours only
    terms: Terms | None  # where they are the same for every lane that the scope reaches


class _Place(NamedTuple):
    """A site for a mode and a traffic: its authorities' silence, and the measures whose scope reaches it."""

    silences: tuple[Cause, ...]
    measures: tuple[_AnnouncedMeasure | ApplicableMeasure, ...]  # applicable where the terms are known already


def _place(view: View, site: Site, lane: Lane) -> _Place:
    """A site as every lane of a mode and a traffic finds it; kept with the view."""
    key = site._replace(regime=None, direction=None), lane.mode, lane.traffic
    place = view.memo.get(key)
    if place is None:
        level = Level.ASSUMED if site.assumed else Level.UNKNOWN
        silences = tuple(Cause(site.on_path or site.place, authority, level) for authority in site.authorities)
        announced = (measure for measure in _by_any_name(view, site) if moves(measure.measure.scope, lane))
        measures = tuple([_ready(measure, site) for measure in announced])
        place = view.memo[key] = _Place(silences, measures)
    assert isinstance(place, _Place)
    return place


def _ready(announced: _AnnouncedMeasure, site: Site) -> _AnnouncedMeasure | ApplicableMeasure:
    measure, tracks, _, _, terms = announced
    return announced if terms is None else ApplicableMeasure(measure, tracks, _told_at(measure, site), terms)


def _told_at(measure: Measure, site: Site) -> str:
    """Where a measure is told: at the border that the path names, if its scope does not name the crossing."""
    return site.on_path if site.on_path and site.place not in measure.scope.at else site.place


def _by_any_name(view: View, site: Site) -> tuple[_AnnouncedMeasure, ...]:
    """The measures at a site by any of its names, without repeats; kept with the view."""
    measures = view.memo.get(site.matches)
    if measures is None:
        by_id = {measure.measure.id: measure for name in sorted(site.matches) for measure in _at(view, name)}
        measures = view.memo[site.matches] = tuple(by_id.values())
    assert isinstance(measures, tuple)
    return measures


def _at(view: View, name: str) -> tuple[_AnnouncedMeasure, ...]:
    """The measures whose scope names a place and on which something was announced; kept with the view."""
    key = _AnnouncedMeasure, name
    measures = view.memo.get(key)
    if measures is None:
        tracked = ((measure, view.track(measure_track(measure.id))) for measure in view.measures_at(name))
        measures = tuple(_announced(view, measure, track) for measure, track in tracked if track >= 0)
        view.memo[key] = measures
    assert isinstance(measures, tuple)
    return measures


def _announced(view: View, measure: Measure, track: int) -> _AnnouncedMeasure:
    tracks = view.exemptions_from.get(measure.id, ())
    if not tracks and not says_of_some(view, track) and not holds_in_part(view, track):  # as a rule
        plain = PLAIN_TERMS[Coverage.FULL] if covers_all(measure.scope) else None
        return _AnnouncedMeasure(measure, (track,), (), False, plain)
    effects = [(row, view.said(row)) for exemption in tracks for row in view.rows_of(exemption)]
    exemptions = tuple([(row, effect) for row, effect in effects if isinstance(effect, Exempt)])
    narrowed, terms = says_of_some(view, track) or any(holds_in_part(view, one) for one in (track, *tracks)), None
    by_members = bool(exemptions) and measure.authority in view.registry.blocs
    if covers_all(measure.scope) and all(exempts_all(effect) for _, effect in exemptions) and not by_members:
        terms = Terms(Coverage.FULL, freed=frozenset([row for row, _ in exemptions]), narrowed=narrowed)
    return _AnnouncedMeasure(measure, (track, *tracks), exemptions, narrowed, terms)


def _applicable(
    view: View,
    measures: Iterable[_AnnouncedMeasure | ApplicableMeasure],
    lane: Lane,
    site: Site | None,
    question: Question,
    counting_at: Site | None = None,
    *,
    phase: Phase | None = None,
) -> Iterator[ApplicableMeasure]:
    """The measures that cover some of the lane's flow at a site; without a site, on the lane as a whole.

    Args: counting_at: the site at which a measure of the whole lane counts; phase: of the lane as a whole.
    """
    counting_at = site or counting_at
    phase = counting_at.phase if counting_at else phase
    for measure in measures:
        if isinstance(measure, ApplicableMeasure):
            yield measure
            continue
        entry, tracks, exemptions, narrowed, _ = measure
        held = [
            (row, effect)
            for row, effect in exemptions
            if counting_at is None or phase is None or exempts_at(view, row, entry, counting_at, phase)
        ]
        terms = terms_of(entry, held, lane, site, question, phase=phase, narrowed=narrowed)
        if terms.coverage is not Coverage.NONE:
            yield ApplicableMeasure(entry, tracks, lane.subject if site is None else _told_at(entry, site), terms)
