"""The consents that a lane needs, place by place, and the measures that bear on them. Source: design §6."""

from collections.abc import Iterable, Iterator, Sequence
from enum import IntEnum
from functools import lru_cache, reduce
from operator import or_
from typing import NamedTuple

from tracker.model.dates import FOREVER, Instant
from tracker.model.effects import Exempt
from tracker.model.registry import Measure
from tracker.model.vocabulary import Level, MeasureKind, Regime
from tracker.state.lanes import Lane, Site, Step
from tracker.state.narrowing import holds_in_part, says_of_some
from tracker.state.observations import readiness_tracks
from tracker.state.record import View
from tracker.state.scope import (
    ANYTHING,
    Coverage,
    Question,
    asked_of,
    beside_status,
    coverage,
    covers_all,
    exempted,
    exempts_all,
    half,
    moves,
    named,
)
from tracker.state.status import Choice, choose
from tracker.timeline.assertions import measure_track
from tracker.timeline.track_history import NOTHING


class Role(IntEnum):
    """How a speaker's word counts for a lane's status."""

    NEEDED = 0  # consent is needed
    ASSUMED = 1  # consent is needed, and given unless a measure says otherwise
    OTHERS = 2  # consent is not needed: only restrictions count
    READINESS = 3  # reports on infrastructure


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


class Terms(NamedTuple):
    """How a measure bears on a lane at a place: all that a decision depends on beside what was announced."""

    coverage: Coverage
    half: Regime | None = None  # the regime that alone narrows it
    freed: frozenset[int] = frozenset()  # rows of exemptions from it that hold the whole flow
    freed_in_part: frozenset[int] = frozenset()  # and of those that may hold a part of it
    by_class: bool = False  # whether classes narrow it, other than the one asked about
    narrowed: bool = False  # whether one of its effects is for a class or some hours only


PLAIN_TERMS = {coverage: Terms(coverage) for coverage in Coverage}


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
        narrowed = terms.narrowed or bool(terms.freed_in_part)
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

    slots: "Slots"
    consents: tuple[Consent, ...]  # those on which something was announced
    silences: tuple[tuple[int, Cause], ...]  # the others, by slot
    readiness: tuple[tuple[int, int], ...]  # slots, and tracks of reports on infrastructure

    @property
    def tracks(self) -> set[int]:
        """Every track that can change the status."""
        every = (applicable for consent in self.consents for applicable in consent.measures)
        measures = {track for some in every if not beside_status(some.measure) for track in some.tracks}
        return measures.union(track for _, track in self.readiness)


class SiteSlots(NamedTuple):
    """A site, and the slots of its authorities, of all others who speak of it, and of its infrastructure."""

    site: Site
    authorities: range
    others: int
    readiness: int


class Slots:
    """All on whom a lane depends, numbered along its path, whether or not they have announced anything.

    Where a step leaves a choice between sites, each site has slots of its own for others and for readiness; all the
    rest share those of the lane, which come last. Behind them, passages are counted: those at the lane's subject, and
    those at each site of a choice.
    """

    def __init__(self, steps: Sequence[Step]) -> None:
        roles: list[Role] = []
        self.choices: list[list[range]] = []  # for each step that leaves one: the slots of each site
        chosen: list[Site] = []  # the sites of all choices
        sites: list[tuple[Site, range, bool]] = []
        for step in steps:
            choice = len(step.alternatives) > 1
            for site in step.alternatives:
                first = len(roles)
                roles += [Role.ASSUMED if site.assumed else Role.NEEDED] * len(site.authorities)
                roles += [Role.OTHERS, Role.READINESS] if choice else []
                sites.append((site, range(first, len(roles)), choice))
            if choice:
                self.choices.append([slots for _, slots, _ in sites[-len(step.alternatives) :]])
                chosen += step.alternatives
        self.others, self.readiness, self.passages = range(len(roles), len(roles) + 3)
        self.roles = (*roles, Role.OTHERS, Role.READINESS)
        self.sites = tuple(
            SiteSlots(site, slots[:-2], *slots[-2:]) if own else SiteSlots(site, slots, self.others, self.readiness)
            for site, slots, own in sites
        )
        self.gates = {site.place: number for number, site in enumerate(chosen) if site.on_path}  # crossings of choices
        self.count = self.passages + 1 + len(chosen)
        of_choices = {slot for choice in self.choices for slots in choice for slot in slots}
        self.common = [slot for slot in range(len(self.roles)) if slot not in of_choices]
        self.numbers = {
            name: number
            for number, step in enumerate(steps)
            for name in (step.place, *(site.place for site in step.alternatives))
        }  # of the steps, by the names of their places
        self.places = {(self.readiness, steps[0].alternatives[0].mode): frozenset[str]()}  # by slot and mode
        for site, _, _, slot in self.sites:
            self.places[slot, site.mode] = self.places.get((slot, site.mode), frozenset()) | site.matches

    def passage(self, gate: str) -> int:
        """The slot of passages at a gate; those at a gate that leaves no choice are the lane's own."""
        number = self.gates.get(gate)
        return self.passages if number is None else self.passages + 1 + number

    def choice(self, consequences: Sequence[int]) -> Choice:
        """The status that follows, and the best site of each step that leaves a choice.

        Args: consequences: those of each slot, as a set of `Consequence`.
        """
        sites = (tuple([_joined(consequences, slots) for slots in choice]) for choice in self.choices)
        return choose(_joined(consequences, self.common), tuple(sites))

    def deciding(self, best: Iterable[Sequence[int]]) -> Sequence[int]:
        """The slots that decide the status. Args: best: the numbers of the best sites of each choice."""
        sites = (choice[number] for choice, numbers in zip(self.choices, best, strict=True) for number in numbers)
        return [*self.common, *(slot for slots in sites for slot in slots)]


@lru_cache(maxsize=4_096)  # the lanes of a subject share them
def slots_of(steps: tuple[Step, ...]) -> Slots:
    """The slots of a lane with this path."""
    return Slots(steps)


def _joined(consequences: Sequence[int], slots: Iterable[int]) -> int:
    """The consequences of several slots together."""
    return reduce(or_, [consequences[slot] for slot in slots], 0)


def required_consents(view: View, lane: Lane, question: Question = ANYTHING) -> RequiredConsents:
    """Find the consents that a lane needs, and the measures that bear on them."""
    slots = slots_of(lane.steps)
    of_the_whole = list(_applicable(_at(view, lane.subject), lane, None, question)) if _is_corridor(view, lane) else []
    consents: list[Consent] = []
    silences: list[tuple[int, Cause]] = []
    others: dict[int, list[ApplicableMeasure]] = {}
    for site, numbers, slot_of_others, _ in slots.sites:
        here = lane.at(site)
        place = _place(view, site, here)
        local = list(_applicable(place.measures, here, site, question)) if place.measures else []
        for silence, slot in zip(place.silences, numbers, strict=True):
            own = [some for some in (*local, *of_the_whole) if some.measure.authority == silence.authority]
            if own:
                consents.append(Consent(slot, silence, tuple(own)))
            else:
                silences.append((slot, silence))
        if local:
            others.setdefault(slot_of_others, []).extend(_of_others(local, site.authorities))
    if of_the_whole:
        needed = {authority for site in lane.sites for authority in site.authorities}
        others.setdefault(slots.others, []).extend(_of_others(of_the_whole, needed))
    consents += [Consent(slot, None, tuple(measures)) for slot, measures in others.items() if measures]
    return RequiredConsents(slots, tuple(consents), tuple(silences), tuple(_readiness(view, lane, slots)))


def _is_corridor(view: View, lane: Lane) -> bool:
    return lane.subject in view.registry.corridors


def _readiness(view: View, lane: Lane, slots: Slots) -> Iterator[tuple[int, int]]:
    for (slot, mode), places in slots.places.items():
        named = places | {lane.subject} if slot == slots.readiness and _is_corridor(view, lane) else places
        for track in readiness_tracks(view, named, mode or lane.mode):
            yield slot, track


def _of_others(measures: Iterable[ApplicableMeasure], authorities: Iterable[str]) -> Iterator[ApplicableMeasure]:
    """The restrictions by all others than the given authorities."""
    bars = (some for some in measures if some.measure.kind is MeasureKind.RESTRICTION)
    return (some for some in bars if some.measure.authority not in authorities)


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
    if covers_all(measure.scope) and all(exempts_all(effect) for _, effect in exemptions):
        terms = Terms(Coverage.FULL, freed=frozenset([row for row, _ in exemptions]), narrowed=narrowed)
    return _AnnouncedMeasure(measure, (track, *tracks), exemptions, narrowed, terms)


def _applicable(
    measures: Iterable[_AnnouncedMeasure | ApplicableMeasure], lane: Lane, site: Site | None, question: Question
) -> Iterator[ApplicableMeasure]:
    """The measures that cover some of the lane's flow at a site; without a site, on the lane as a whole."""
    for measure in measures:
        if isinstance(measure, ApplicableMeasure):
            yield measure
            continue
        entry, tracks, exemptions, narrowed, _ = measure
        asked = asked_of(entry, question)
        covered = coverage(entry.scope, lane, site, asked)
        if covered is not Coverage.NONE:
            regime = half(entry.scope, lane, site, asked) if covered is Coverage.PART else None
            terms = PLAIN_TERMS[covered]
            by_class = entry.scope.only is not None and not named(entry.scope.only, question)
            if exemptions or regime or by_class or narrowed:
                held = {row: exempted(effect, lane, site, asked) for row, effect in exemptions}
                freed, in_part = (
                    frozenset([row for row, part in held.items() if part is wanted])
                    for wanted in (Coverage.FULL, Coverage.PART)
                )
                terms = Terms(covered, regime, freed, in_part, by_class, narrowed)
            yield ApplicableMeasure(entry, tracks, lane.subject if site is None else _told_at(entry, site), terms)
