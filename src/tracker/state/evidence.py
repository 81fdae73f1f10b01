"""The basis of an assertion: declared, observed or reported. Source: design §4."""

from collections.abc import Iterable, Sequence
from typing import assert_never

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
from tracker.model.vocabulary import Basis, PartyKind
from tracker.state.record import View

EYEWITNESSES = (PartyKind.MEDIA, PartyKind.OPERATOR)


def basis_of(view: View, row: int) -> Basis:
    """The basis of an assertion: as its file says, or derived from its speakers."""
    effect = view.said(row)
    if effect.basis is not None:
        return effect.basis
    kind, _, name = view.assertions.tracks[view.assertions.track[row]].partition(":")
    if kind == "measure":
        return basis_of_own(view, view.registry.measures[name], row)
    return derived_basis(view.registry, view.effect(row), view.assertions.attributed(row).parties)


def basis_of_own(view: View, measure: Measure, row: int) -> Basis:
    """The basis of an assertion on the track of a measure itself; kept with the view, as many are alike."""
    assertions = view.assertions
    key = basis_of, assertions.value[row], assertions.attribution[row], measure.authority, measure.de_facto
    basis = view.memo.get(key)
    if basis is None:
        effect = view.said(row)
        derived = _basis_of_measures(effect, [measure], assertions.attributed(row).parties)
        basis = view.memo[key] = effect.basis or derived
    assert isinstance(basis, Basis)
    return basis


def derived_basis(registry: Registry, effect: AnyEffect, parties: Iterable[str]) -> Basis:
    """The basis by an assertion's speakers: declared by the authority itself, observed by witnesses, or reported."""
    parties = tuple(parties)
    if isinstance(effect, MeasureEffect):
        return _basis_of_measures(effect, _measures(registry, effect), parties)
    if isinstance(effect, Passage):
        kinds = {registry.parties[party].kind for party in parties}
        return Basis.OBSERVED if kinds.intersection(EYEWITNESSES) else Basis.REPORTED
    return Basis.REPORTED if deciders(registry, effect).isdisjoint(parties) else Basis.DECLARED


def _basis_of_measures(effect: AnyEffect, measures: Sequence[Measure], parties: Iterable[str]) -> Basis:
    """The basis of an effect on measures."""
    if not {measure.authority for measure in measures}.isdisjoint(parties):
        return Basis.DECLARED
    de_facto = isinstance(effect, Impose | Extend | Exempt | Lift) and any(measure.de_facto for measure in measures)
    return Basis.OBSERVED if de_facto else Basis.REPORTED


def deciders(registry: Registry, effect: AnyEffect) -> set[str]:
    """The parties that would declare an effect by their own word."""
    match effect:
        case Exempt():
            authorities = {measure.authority for measure in _measures(registry, effect)}
            return authorities.union(*map(registry.members_of, authorities))  # a member of a bloc at its own places
        case Impose() | Extend() | Lift() | Permit() | Revoke():
            return {measure.authority for measure in _measures(registry, effect)}
        case Readiness():
            return {effect.party}
        case Control():
            return {effect.by, *_sides(registry, effect.at)}
        case Pledge():
            return set(effect.parties)
        case StageReached():
            return {effect.party} if effect.party else set(registry.instruments[effect.instrument].parties)
        case Fulfil() | Withdraw() | Passage() | Reschedule() | Cancel():
            return set()
        case _:
            assert_never(effect)


def _measures(registry: Registry, effect: MeasureEffect) -> list[Measure]:
    return [registry.measures[measure] for measure in names_of(effect.measure)]


def _sides(registry: Registry, place: str) -> tuple[str, ...]:
    crossing = registry.crossings.get(place)
    border = registry.borders.get(crossing.border if crossing else place)
    return registry.authorities(border) if border else ()
