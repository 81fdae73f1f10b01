"""Who is in charge along a lane, and in which blocs, from one date of the registry to the next. Source: design §3."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from tracker.model.charges import Authority, charges, ever_in_charge
from tracker.model.dates import BEGINNING, FOREVER, Instant
from tracker.model.lifespans import ALWAYS, Lifespan, lifespan
from tracker.model.lives import life_of
from tracker.model.registry import Registry
from tracker.model.vocabulary import Mode

Side = tuple[str, Authority]  # a territory, and who is in charge of its side of a place


class Membership(NamedTuple):
    """A party or a territory that is in a bloc for a time, by itself or as a member of a member."""

    name: str
    by_party: bool  # else it is a territory, whoever is in charge of it
    span: Lifespan
    modes: frozenset[Mode] | None  # None: all


class Inside(NamedTuple):
    """The territories of a bloc that concern a lane."""

    bloc: str
    territories: tuple[str, ...]
    whole: bool  # whether the bloc has no others


class Phase(NamedTuple):
    """A time during which the same parties are in charge at a site, and the same blocs count along the lane."""

    span: Lifespan
    authorities: tuple[str, ...]
    blocs: tuple[frozenset[str], ...]  # of each authority: the blocs of which it is a member here
    replaced: tuple[tuple[str, Instant], ...]  # who was in charge here before, and until when
    related: frozenset[str]  # blocs that count here at some time, for some mode
    inside: tuple[Inside, ...]  # the blocs with territories along the lane, or at the ends that are asked about


def memberships(registry: Registry) -> Mapping[str, tuple[Membership, ...]]:
    """All who are in each bloc at some time; kept with the registry."""
    made = registry.memo.get(Membership)
    if made is None:
        made = registry.memo[Membership] = {
            key: tuple(_members(registry, key, ALWAYS, None, frozenset())) for key in registry.blocs
        }
    kept: Mapping[str, tuple[Membership, ...]] = made
    return kept


def _members(
    registry: Registry, key: str, within: Lifespan, modes: frozenset[Mode] | None, outer: frozenset[str]
) -> Iterator[Membership]:
    """The members of a bloc during a time. Args: outer: the blocs around it."""
    bloc = registry.blocs[key]
    within = within.meet(life_of(registry, bloc))
    for member in bloc.members:
        span = lifespan(member.starts, member.last_day, member.until, registry.tz).meet(within)
        own = modes if member.modes is None else frozenset(member.modes) & (modes or frozenset(Mode))
        party = registry.parties.get(member.name) if member.party else None
        if party is not None:
            span = span.meet(life_of(registry, party))
        if span.empty or own == frozenset():
            continue
        if member.party in registry.blocs:
            if member.party not in outer:
                yield from _members(registry, member.name, span, own, outer | {key})
            continue
        yield Membership(member.name, member.party is not None, span, own)


def edges(registry: Registry) -> Sequence[Instant]:
    """Every instant at which an authority of a territory, or a membership, changes; kept with the registry."""
    found = registry.memo.get(Phase)
    if found is None:
        spans = [span for territory in registry.territories.values() for span in _spans(registry, territory.authority)]
        spans += [one.span for members in memberships(registry).values() for one in members]
        found = registry.memo[Phase] = sorted({at for span in spans for at in span.edges})
    kept: Sequence[Instant] = found
    return kept


def next_edge(registry: Registry, at: Instant) -> Instant:
    """The first instant after a given one at which anything of a registry begins or ends; FOREVER where nothing does.

    Its edges are those of life spans, authorities and memberships.
    """
    tables = registry.parties, registry.territories, registry.borders, registry.crossings, registry.corridors
    lives = [subject.own_life(registry.tz) for table in tables for subject in table.values()]
    for crossing in registry.crossings.values():
        lives += [span for own in (crossing.authorities or {}).values() for span in _spans(registry, own)]
    dates = (*edges(registry), *(date for life in lives for date in life.edges))
    return min((date for date in dates if date > at), default=FOREVER)


def _spans(registry: Registry, authority: Authority) -> list[Lifespan]:
    return [] if isinstance(authority, str) else [span for span, _ in charges(authority, registry.tz)]


def _in_charge(registry: Registry, authority: Authority, at: Instant) -> str | None:
    """The party that is in charge at an instant; None before the first one is."""
    return next((party for span, party in charges(authority, registry.tz) if span.holds(at)), None)


def blocs_of(registry: Registry, territory: str, party: str | None, mode: Mode, at: Instant) -> frozenset[str]:
    """The blocs that count for a party in charge of a territory, or of its side of a place, at an instant."""
    return frozenset(
        bloc
        for bloc, members in memberships(registry).items()
        if any(
            one.name == (party if one.by_party else territory)
            and one.span.holds(at)
            and (one.modes is None or mode in one.modes)
            for one in members
        )
    )


def territories_of(registry: Registry, bloc: str, mode: Mode, at: Instant) -> frozenset[str]:
    """The territories of the members of a bloc at an instant; kept with the registry."""
    key = Inside, bloc, mode, at
    found = registry.memo.get(key)
    if found is None:
        found = registry.memo[key] = frozenset(
            territory.id
            for territory in registry.territories.values()
            if bloc in blocs_of(registry, territory.id, _in_charge(registry, territory.authority, at), mode, at)
        )
    kept: frozenset[str] = found
    return kept


def ever_inside(registry: Registry, territory: str) -> frozenset[str]:
    """The blocs that count in a territory at some time, for some mode."""
    if not registry.blocs:
        return frozenset()
    return _related(registry, [(territory, registry.territories[territory].authority)])


def _related(registry: Registry, sides: Sequence[Side]) -> frozenset[str]:
    names = {(True, party) for _, authority in sides for party in ever_in_charge(authority)}
    names |= {(False, territory) for territory, _ in sides}
    return frozenset(
        bloc
        for bloc, members in memberships(registry).items()
        if any((one.by_party, one.name) in names for one in members)
    )


def phases(registry: Registry, sides: tuple[Side, ...], lands: tuple[str, ...], mode: Mode) -> tuple[Phase, ...]:
    """The phases of a site, in time; none where no date and no bloc concerns it. Kept with the registry.

    Args: lands: the territories along the lane, and the ends that are asked about.
    """
    if not registry.blocs and all(isinstance(authority, str) for _, authority in sides):
        return ()
    key = sides, lands, mode
    found = registry.memo.get(key)
    if found is None:
        found = registry.memo[key] = _worth_telling(list(_phases(registry, sides, lands, mode)))
    kept: tuple[Phase, ...] = found
    return kept


def _worth_telling(found: list[Phase]) -> tuple[Phase, ...]:
    alone = len(found) == 1 and not found[0].related and not found[0].inside
    return () if alone else tuple(found)


def _phases(registry: Registry, sides: tuple[Side, ...], lands: tuple[str, ...], mode: Mode) -> Iterator[Phase]:
    own = [span for _, authority in sides for span in _spans(registry, authority)]
    begins = sorted({BEGINNING, *edges(registry), *(at for span in own for at in span.edges)})
    last: Phase | None = None
    for begin, end in pairwise([*begins, FOREVER]):
        phase = _phase(registry, sides, lands, mode, Lifespan(begin, end))
        if last is not None and last[1:] == phase[1:]:
            last = last._replace(span=Lifespan(last.span.begin, end))
            continue
        if last is not None:
            yield last
        last = phase
    assert last is not None
    yield last


def _phase(registry: Registry, sides: tuple[Side, ...], lands: tuple[str, ...], mode: Mode, span: Lifespan) -> Phase:
    at = span.begin
    by_authority: dict[str, frozenset[str]] = {}
    for territory, authority in sides:
        party = _in_charge(registry, authority, at)
        if party is not None:
            blocs = blocs_of(registry, territory, party, mode, at)
            by_authority[party] = by_authority.get(party, frozenset()) | blocs
    gone = {
        party: charge.end
        for _, authority in sides
        for charge, party in charges(authority, registry.tz)
        if charge.end <= at and party not in by_authority
    }
    return Phase(
        span,
        tuple(by_authority),
        tuple(by_authority.values()),
        tuple(sorted(gone.items())),
        _related(registry, sides),
        tuple(_inside(registry, lands, mode, at)),
    )


def _inside(registry: Registry, lands: tuple[str, ...], mode: Mode, at: Instant) -> Iterator[Inside]:
    for bloc in registry.blocs:
        territories = territories_of(registry, bloc, mode, at)
        some = tuple(dict.fromkeys(land for land in lands if land in territories))
        if some:
            yield Inside(bloc, some, len(some) == len(territories))
