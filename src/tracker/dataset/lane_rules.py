"""Rules of lanes: a mode, traffic or direction that is named must be one that the place has."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from tracker.dataset.references import Known, directions_of, modes_of, traffic_of
from tracker.dataset.suggestions import one_of, show
from tracker.dataset.validation import Finding
from tracker.model.registry import Place
from tracker.model.vocabulary import Mode, SubjectKind, Traffic


class Flow(Protocol):
    """What a scope and an `ease` have in common: which flows they are about."""

    @property
    def direction(self) -> str | None: ...
    @property
    def modes(self) -> tuple[Mode, ...] | None: ...
    @property
    def traffic(self) -> tuple[Traffic, ...] | None: ...
    @property
    def origin(self) -> tuple[str, ...] | None: ...
    @property
    def destination(self) -> tuple[str, ...] | None: ...


def unknown_names(names: Sequence[str] | None, key: str, known: Known, *kinds: SubjectKind) -> Iterator[Finding]:
    """Every id in a list is registered."""
    for number, name in enumerate(names or ()):
        if problem := known.unknown(name, *kinds):
            yield Finding((key, number), problem)


def unknown_name(name: str | None, key: str, known: Known, *kinds: SubjectKind) -> Iterator[Finding]:
    """An id is registered."""
    if name is not None and (problem := known.unknown(name, *kinds)):
        yield Finding((key,), problem)


def places_named(names: Sequence[str], known: Known) -> list[Place]:
    """The places of these ids; none at all if one of them is not known, since then nothing can be said of lanes."""
    places = known.registry.places
    return [places[name] for name in names] if all(name in places for name in names) else []


def flow_findings(flow: Flow, places: Sequence[Place], known: Known) -> Iterator[Finding]:
    """The lanes of a scope or of an `ease` exist, and its territories are registered."""
    for key in ("modes", "traffic", "origin", "destination", "goods", "only", "at"):
        if getattr(flow, key, None) == ():
            yield Finding(
                (key,), f"`{key}` is an empty list, which would mean none at all: leave the key out to mean all"
            )
    yield from unknown_names(flow.origin, "origin", known, SubjectKind.TERRITORY)
    yield from unknown_names(flow.destination, "destination", known, SubjectKind.TERRITORY)
    yield from lane_findings(places, known, flow.modes or (), flow.traffic or (), flow.direction)


def lane_findings(
    places: Sequence[Place],
    known: Known,
    modes: Sequence[Mode] = (),
    traffic: Sequence[Traffic] = (),
    direction: str | None = None,
    keys: tuple[str, str] = ("modes", "traffic"),
) -> Iterator[Finding]:
    """Each mode, traffic and direction is one of at least one of the places."""
    if not places:
        return
    names = " or ".join(place.id for place in places[:5])
    for number, mode in enumerate(modes):
        has = {mode for place in places for mode in modes_of(place)}
        if mode not in has:
            yield Finding((keys[0], number), f"{names} has no {mode}: its modes are {one_of(has)}")
    for number, one in enumerate(traffic):
        carries = {one for place in places for one in traffic_of(place)}
        if one not in carries:
            yield Finding((keys[1], number), f"{names} has no {one} traffic: its traffic is {one_of(carries)}")
    if direction is not None:
        yield from _direction(direction, places, names, known)


def _direction(direction: str, places: Sequence[Place], names: str, known: Known) -> Iterator[Finding]:
    directions = {one for place in places for one in directions_of(place, known.registry)}
    if any(_border_is_missing(place, known) for place in places) or direction in directions:
        return
    mending = " or ".join(f'"{one}"' for one in sorted(directions)[:6])
    advice = f"write {mending}" if mending else "a territory has none. Use `origin` and `destination`, or name a border"
    yield Finding(("direction",), f"{show(direction)} is not a direction of {names}: {advice}")


def _border_is_missing(place: Place, known: Known) -> bool:
    return place.type is SubjectKind.CROSSING and place.border not in known.registry.borders
