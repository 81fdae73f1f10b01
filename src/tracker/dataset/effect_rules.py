"""Rules of effects: each changes a registered subject, in a way that fits it."""

from collections.abc import Iterator
from datetime import datetime
from typing import assert_never

from tracker.dataset.class_rules import list_findings, only_findings, outside_findings
from tracker.dataset.plan_rules import change_findings, exemption_findings
from tracker.dataset.references import (
    LANE_KINDS,
    PLACE_KINDS,
    PLEDGE_KINDS,
    References,
    empty_lists,
    flow_findings,
    lane_findings,
    places_named,
    unknown_name,
    unknown_names,
    unknown_places,
)
from tracker.dataset.suggestions import one_of
from tracker.dataset.validation import EntryFinding
from tracker.model.announcement import Announcement
from tracker.model.dates import ends, starts, zone
from tracker.model.effects import (
    AnyEffect,
    Cancel,
    Control,
    Exempt,
    Extend,
    Fulfil,
    Impose,
    Lift,
    MeasureEffect,
    Passage,
    Period,
    Permit,
    Pledge,
    Readiness,
    Reschedule,
    Revoke,
    StageReached,
    Withdraw,
    names_of,
)
from tracker.model.registry import Measure, Registry
from tracker.model.vocabulary import MeasureKind, MeasureLevel, SubjectKind

FIRST_YEAR_OF_HOURS = 1900


def effect_findings(effect: AnyEffect, announcement: Announcement, known: References) -> Iterator[EntryFinding]:
    """Findings about one effect of an announcement."""
    match effect:
        case Impose() | Extend() | Exempt() | Lift() | Permit() | Revoke():
            yield from _on_measures(effect, announcement, known)
        case Reschedule() | Cancel():
            yield from change_findings(effect, announcement, known)
        case Readiness():
            yield from unknown_name(effect.party, "party", known, SubjectKind.PARTY)
            yield from unknown_name(effect.at, "at", known, *PLACE_KINDS)
            yield from lane_findings(places_named([effect.at], known), known, modes=effect.modes)
        case Pledge():
            yield from unknown_names(effect.parties, "parties", known, SubjectKind.PARTY)
            yield from unknown_names(effect.at, "at", known, *PLEDGE_KINDS)
            yield from empty_lists(effect, "modes", "traffic")
        case Fulfil() | Withdraw():
            if problem := known.unpledged(effect.pledge):
                yield EntryFinding(("pledge",), problem)
        case Passage():
            yield from _passage(effect, known)
        case StageReached():
            yield from _stage(effect, known)
        case Control():
            yield from unknown_name(effect.at, "at", known, SubjectKind.CROSSING, SubjectKind.BORDER)
            yield from unknown_name(effect.by, "by", known, SubjectKind.PARTY)
        case _:
            assert_never(effect)


def _on_measures(effect: MeasureEffect, announcement: Announcement, known: References) -> Iterator[EntryFinding]:
    yield from _period(effect, announcement, known)
    yield from _no_hours_before(effect, announcement)
    yield from _not_for_nobody(effect)
    yield from only_findings(getattr(effect, "only", None), known)
    if isinstance(effect, Exempt):
        for key in ("goods", "origin", "destination"):
            yield from list_findings(key, getattr(effect, key), known)
    if isinstance(effect, Extend | Lift) and effect.exemption is not None:
        yield from exemption_findings(effect.exemption, known)
    several = isinstance(effect.measure, tuple)
    for number, name in enumerate(names_of(effect.measure)):
        if problem := known.unknown(name, SubjectKind.MEASURE):
            yield EntryFinding(("measure", number) if several else ("measure",), problem)
        if measure := known.registry.measures.get(name):
            yield from _kind_fits(effect, measure)
            yield from _who_may(effect, measure, announcement, known.registry)
            yield from outside_findings(measure, getattr(effect, "only", None), known)
            if isinstance(effect, Exempt):
                yield from _narrower(effect, measure, known)


def _not_for_nobody(effect: MeasureEffect) -> Iterator[EntryFinding]:
    """A finding where `only` is an empty list."""
    if not isinstance(effect, Exempt) and getattr(effect, "only", None) == ():
        yield EntryFinding(("only",), "`only` is an empty list, which would mean none at all: leave it out to mean all")


def _no_hours_before(effect: MeasureEffect, announcement: Announcement) -> Iterator[EntryFinding]:
    """A finding where hours are given for times that their calendar does not reach."""
    begins = effect.starts or announcement.announced
    year = begins.year if isinstance(begins, datetime) else begins.earliest.year
    if getattr(effect, "when", None) is not None and year < FIRST_YEAR_OF_HOURS:
        yield EntryFinding(
            ("when",), f"hours are read from {FIRST_YEAR_OF_HOURS} on: leave `when` out, and say it in `conditions`"
        )


def _period(effect: Period, announcement: Announcement, known: References) -> Iterator[EntryFinding]:
    """Findings where a period ends before it starts, as far as the dates are known."""
    tz = zone(known.registry.dataset.timezone)
    start, end = effect.starts or announcement.announced, effect.last_day or effect.until
    if ends(effect.last_day, effect.until, tz).latest <= starts(start, tz).earliest:
        since = f"`from = {start}`" if effect.starts else f"its start, {start}, when it was announced"
        key = "last_day" if effect.last_day else "until"
        text = f"`{key} = {end}` is not after {since}: mend one of them, or add `from`"
        if effect.last_day and str(start) == str(end):  # clocks went past it
            text = f"{end} did not exist in {known.registry.dataset.timezone}: write the day before or after it"
        yield EntryFinding((key,), text)


def _kind_fits(effect: MeasureEffect, measure: Measure) -> Iterator[EntryFinding]:
    permission = measure.kind is MeasureKind.PERMISSION
    if permission != isinstance(effect, Permit | Revoke) and not (permission and isinstance(effect, Extend)):
        instead = "permit, extend or revoke" if permission else "impose, extend, exempt or lift"
        message = f"`{effect.type}` does not fit {measure.id}, which is a {measure.kind}: use {instead}"
        yield EntryFinding(("type",), message)
    if isinstance(effect, Impose) and effect.level is MeasureLevel.PERMITTED:
        yield EntryFinding(
            ("level",), 'nothing is imposed at level "permitted": write prohibited or restricted, or use `lift`'
        )


def _who_may(
    effect: MeasureEffect, measure: Measure, announcement: Announcement, registry: Registry
) -> Iterator[EntryFinding]:
    """Findings where a measure is changed by the word of others than its authority; anybody may see one in fact.

    A member of a bloc may exempt from the bloc's measures, at its own places.
    """
    speakers = [speaker.party for speaker in announcement.by]
    by_member = isinstance(effect, Exempt) and not registry.members_of(measure.authority).isdisjoint(speakers)
    if measure.authority not in speakers and effect.basis is None and not measure.de_facto and not by_member:
        message = (
            f"{measure.id} is a measure of {measure.authority}, but {one_of(set(speakers))} speaks here: "
            'add `basis = "reported"` to this effect, or name a speaker of its authority in [[by]]'
        )
        yield EntryFinding(("measure",), message)


def _narrower(effect: Exempt, measure: Measure, known: References) -> Iterator[EntryFinding]:
    """Findings where an `exempt` is about lanes that the measure does not cover."""
    yield from unknown_places(effect.at, "at", known, *PLACE_KINDS)
    yield from flow_findings(effect, places_named(effect.at or measure.scope.at, known), known)
    scope = measure.scope
    for key, exempted, covered in (("modes", effect.modes, scope.modes), ("traffic", effect.traffic, scope.traffic)):
        for number, one in enumerate(exempted or ()):
            if covered and one not in covered:
                yield EntryFinding(
                    (key, number),
                    f"{measure.id} covers {one_of(covered)} only, so {one} is free of it anyway: mend `{key}`",
                )
    if effect.direction and scope.direction and effect.direction != scope.direction:
        message = f'{measure.id} covers "{scope.direction}" only: write that or leave `direction` out'
        yield EntryFinding(("direction",), message)


def _passage(effect: Passage, known: References) -> Iterator[EntryFinding]:
    yield from unknown_name(effect.at, "at", known, *LANE_KINDS)
    if effect.at in known.registry.places and effect.at not in known.registry.territories:
        places = places_named([effect.at], known)
        modes, traffic = (effect.mode,), (effect.traffic,)
        yield from lane_findings(places, known, modes, traffic, effect.direction, keys=("mode", "traffic"))
    yield from unknown_name(effect.origin, "origin", known, SubjectKind.TERRITORY)
    yield from unknown_name(effect.destination, "destination", known, SubjectKind.TERRITORY)


def _stage(effect: StageReached, known: References) -> Iterator[EntryFinding]:
    yield from unknown_name(effect.instrument, "instrument", known, SubjectKind.INSTRUMENT)
    yield from unknown_name(effect.party, "party", known, SubjectKind.PARTY)
    instrument = known.registry.instruments.get(effect.instrument)
    if instrument and instrument.parties and effect.party and effect.party not in instrument.parties:
        message = f"{effect.party} is not a party to {effect.instrument}: its parties are {one_of(instrument.parties)}"
        yield EntryFinding(("party",), message)
