"""The consents that a lane needs, place by place, and the measures that bear on them. Source: design §6."""

from collections.abc import Iterable, Iterator, Sequence
from enum import IntEnum
from functools import lru_cache, reduce
from operator import or_
from typing import NamedTuple

from tracker.model.effects import Exempt
from tracker.model.registry import Measure
from tracker.model.vocabulary import Level, MeasureKind, Regime
from tracker.state.lanes import Lane, Site, Step
from tracker.state.observations import readiness_tracks
from tracker.state.record import View
from tracker.state.scope import ANYTHING, Coverage, Question, coverage, covers_all, exempted, exempts_all, half, moves
from tracker.state.status import SEVERITY, status_of
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


class Terms(NamedTuple):
    """How a measure bears on a lane at a place: all that a decision depends on beside what was announced."""

    coverage: Coverage
    half: Regime | None = None  # the regime that alone narrows it
    freed: frozenset[int] = frozenset()  # rows of exemptions from it that hold the whole flow
    freed_in_part: frozenset[int] = frozenset()  # and of those that may hold a part of it


PLAIN_TERMS = {coverage: Terms(coverage) for coverage in Coverage}


class ApplicableMeasure(NamedTuple):
    """A measure as it bears on one place of a lane."""

    measure: Measure
    tracks: tuple[int, ...]  # its own, then those of exemptions from it
    place: str
    terms: Terms


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
        measures = {
            track for consent in self.consents for applicable in consent.measures for track in applicable.tracks
        }
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
    rest share those of the lane, which come last.
    """

    def __init__(self, steps: Iterable[Step]) -> None:
        roles: list[Role] = []
        choices: list[list[range]] = []
        sites: list[tuple[Site, range, bool]] = []
        for step in steps:
            choice = len(step.alternatives) > 1
            for site in step.alternatives:
                first = len(roles)
                roles += [Role.ASSUMED if site.assumed else Role.NEEDED] * len(site.authorities)
                roles += [Role.OTHERS, Role.READINESS] if choice else []
                sites.append((site, range(first, len(roles)), choice))
            if choice:
                choices.append([slots for _, slots, _ in sites[-len(step.alternatives) :]])
        self.others, self.readiness, self.passages = range(len(roles), len(roles) + 3)
        self.roles = (*roles, Role.OTHERS, Role.READINESS)
        self.sites = tuple(
            SiteSlots(site, slots[:-2], *slots[-2:]) if own else SiteSlots(site, slots, self.others, self.readiness)
            for site, slots, own in sites
        )
        self.choices = choices  # for each step that leaves one: the slots of each site
        chosen = {slot for choice in choices for slots in choice for slot in slots}
        self.common = [slot for slot in range(len(self.roles)) if slot not in chosen]
        self.places = {self.readiness: frozenset[str]()}  # whose infrastructure it is, by slot
        for site, _, _, slot in self.sites:
            self.places[slot] = self.places.get(slot, frozenset()) | site.matches

    def deciding(self, consequences: Sequence[int]) -> Sequence[int]:
        """The slots that decide the status: where a step leaves a choice, those of the best site, the first of equals.

        Args: consequences: those of each slot, as a set of `Consequence`.
        """
        if not self.choices:
            return self.common
        best = (min(choice, key=lambda slots: _severity(consequences, slots)) for choice in self.choices)
        return [*self.common, *(slot for slots in best for slot in slots)]


@lru_cache(maxsize=4_096)  # the lanes of a subject share them
def slots_of(steps: tuple[Step, ...]) -> Slots:
    """The slots of a lane with this path."""
    return Slots(steps)


def joined(consequences: Sequence[int], slots: Iterable[int]) -> int:
    """The consequences of several slots together."""
    return reduce(or_, [consequences[slot] for slot in slots], 0)


def _severity(consequences: Sequence[int], slots: Iterable[int]) -> int:
    return SEVERITY[status_of(joined(consequences, slots))]


def required_consents(view: View, lane: Lane, question: Question = ANYTHING) -> RequiredConsents:
    """Find the consents that a lane needs, and the measures that bear on them."""
    slots = slots_of(lane.steps)
    of_the_whole = list(_applicable(_at(view, lane.subject), lane, None, question)) if _is_corridor(view, lane) else []
    consents: list[Consent] = []
    silences: list[tuple[int, Cause]] = []
    others: dict[int, list[ApplicableMeasure]] = {}
    for site, numbers, slot_of_others, _ in slots.sites:
        place = _place(view, site, lane)
        local = list(_applicable(place.measures, lane, site, question)) if place.measures else []
        for silence, slot in zip(place.silences, numbers, strict=True):
            own = [
                applicable
                for applicable in (*local, *of_the_whole)
                if applicable.measure.authority == silence.authority
            ]
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
    for slot, places in slots.places.items():
        named = places | {lane.subject} if slot == slots.readiness else places
        for track in readiness_tracks(view, named, lane.mode):
            yield slot, track


def _bars(applicable: ApplicableMeasure) -> bool:
    return applicable.measure.kind is MeasureKind.RESTRICTION


def _of_others(measures: Iterable[ApplicableMeasure], authorities: Iterable[str]) -> Iterator[ApplicableMeasure]:
    """The restrictions by all others than the given authorities."""
    return (measure for measure in measures if _bars(measure) and measure.measure.authority not in authorities)


class _AnnouncedMeasure(NamedTuple):
    """A measure on which something was announced."""

    measure: Measure
    tracks: tuple[int, ...]
    exemptions: tuple[tuple[int, Exempt], ...]  # with their rows
    terms: Terms | None  # where they are the same for every lane that the scope reaches


class _Place(NamedTuple):
    """A site for a mode and a traffic: its authorities' silence, and the measures whose scope reaches it."""

    silences: tuple[Cause, ...]
    measures: tuple[_AnnouncedMeasure | ApplicableMeasure, ...]  # applicable where the terms are known already


def _place(view: View, site: Site, lane: Lane) -> _Place:
    """A site as every lane of a mode and a traffic finds it; kept with the view."""
    key = site, lane.mode, lane.traffic
    place = view.memo.get(key)
    if place is None:
        level = Level.ASSUMED if site.assumed else Level.UNKNOWN
        silences = tuple(Cause(site.place, authority, level) for authority in site.authorities)
        announced = (measure for measure in _by_any_name(view, site) if moves(measure.measure.scope, lane))
        place = view.memo[key] = _Place(silences, tuple(_ready(measure, site) for measure in announced))
    assert isinstance(place, _Place)
    return place


def _ready(announced: _AnnouncedMeasure, site: Site) -> _AnnouncedMeasure | ApplicableMeasure:
    measure, tracks, _, terms = announced
    return announced if terms is None else ApplicableMeasure(measure, tracks, site.place, terms)


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
    effects = [(row, view.said(row)) for exemption in tracks for row in view.rows_of(exemption)]
    exemptions = tuple([(row, effect) for row, effect in effects if isinstance(effect, Exempt)])
    terms = None
    if covers_all(measure.scope) and all(exempts_all(effect) for _, effect in exemptions):
        terms = Terms(Coverage.FULL, freed=frozenset([row for row, _ in exemptions]))
    return _AnnouncedMeasure(measure, (track, *tracks), exemptions, terms)


def _applicable(
    measures: Iterable[_AnnouncedMeasure | ApplicableMeasure], lane: Lane, site: Site | None, question: Question
) -> Iterator[ApplicableMeasure]:
    """The measures that cover some of the lane's flow at a site; without a site, on the lane as a whole."""
    place = lane.subject if site is None else site.place
    for measure in measures:
        if isinstance(measure, ApplicableMeasure):
            yield measure
            continue
        entry, tracks, exemptions, _ = measure
        covered = coverage(entry.scope, lane, site, question)
        if covered is not Coverage.NONE:
            regime = half(entry.scope, lane, site, question) if covered is Coverage.PART else None
            terms = PLAIN_TERMS[covered]
            if exemptions or regime:
                held = {row: exempted(effect, lane, site, question) for row, effect in exemptions}
                freed, in_part = (
                    frozenset([row for row, part in held.items() if part is wanted])
                    for wanted in (Coverage.FULL, Coverage.PART)
                )
                terms = Terms(covered, regime, freed, in_part)
            yield ApplicableMeasure(entry, tracks, place, terms)
