"""Who is in charge along a lane, and in which blocs, from one date of the registry to the next. Source: design §3."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
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

    def holds(self, mode: Mode, at: Instant) -> bool:
        """Whether it holds for a mode at an instant."""
        return self.span.holds(at) and (self.modes is None or mode in self.modes)


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
    """Every instant at which a life, an authority or a membership begins or ends, ascending; kept with the registry."""
    found = registry.memo.get(edges)
    if found is None:
        tables = registry.parties, registry.territories, registry.borders, registry.crossings, registry.corridors
        spans = [subject.own_life(registry.tz) for table in tables for subject in table.values()]
        authorities = [territory.authority for territory in registry.territories.values()]
        for crossing in registry.crossings.values():
            authorities += (crossing.authorities or {}).values()
        spans += [span for authority in authorities for span in _spans(registry, authority)]
        spans += [one.span for members in memberships(registry).values() for one in members]
        found = registry.memo[edges] = sorted({at for span in spans for at in span.edges})
    kept: Sequence[Instant] = found
    return kept


def next_edge(registry: Registry, at: Instant) -> Instant:
    """The first instant after a given one at which anything of a registry begins or ends; FOREVER: nothing does."""
    later = bisect_right(edges(registry), at)
    return edges(registry)[later] if later < len(edges(registry)) else FOREVER


def _spans(registry: Registry, authority: Authority) -> list[Lifespan]:
    return [] if isinstance(authority, str) else [span for span, _ in charges(authority, registry.tz)]


def _in_charge(registry: Registry, authority: Authority, at: Instant) -> str | None:
    """The party that is in charge at an instant; None before the first one is."""
    return next((party for span, party in charges(authority, registry.tz) if span.holds(at)), None)


def _by_name(registry: Registry) -> Mapping[tuple[bool, str], Sequence[tuple[str, Membership]]]:
    """The memberships of each party (True) and of each territory (False) by its id; kept with the registry."""
    made = registry.memo.get(_by_name)
    if made is None:
        made = registry.memo[_by_name] = {}
        for bloc, members in memberships(registry).items():
            for one in members:
                made.setdefault((one.by_party, one.name), []).append((bloc, one))
    kept: Mapping[tuple[bool, str], Sequence[tuple[str, Membership]]] = made
    return kept


def _in_charge_of(registry: Registry) -> Mapping[str, Sequence[str]]:
    """The territories that each party is in charge of at some time; kept with the registry."""
    made = registry.memo.get(_in_charge_of)
    if made is None:
        made = registry.memo[_in_charge_of] = {}
        for territory in registry.territories.values():
            for party in ever_in_charge(territory.authority):
                made.setdefault(party, []).append(territory.id)
    kept: Mapping[str, Sequence[str]] = made
    return kept


def blocs_of(registry: Registry, territory: str, party: str | None, mode: Mode, at: Instant) -> frozenset[str]:
    """The blocs that count for a party in charge of a territory, or of its side of a place, at an instant."""
    index = _by_name(registry)
    memberships_of = (*index.get((False, territory), ()), *(index.get((True, party), ()) if party else ()))
    return frozenset(bloc for bloc, one in memberships_of if one.holds(mode, at))


def territories_of(registry: Registry, bloc: str, mode: Mode, at: Instant) -> frozenset[str]:
    """The territories of the members of a bloc at an instant; kept with the registry."""
    key = Inside, bloc, mode, at
    found = registry.memo.get(key)
    if found is None:
        found = registry.memo[key] = frozenset(_territories_of(registry, bloc, mode, at))
    kept: frozenset[str] = found
    return kept


def _territories_of(registry: Registry, bloc: str, mode: Mode, at: Instant) -> Iterator[str]:
    for one in memberships(registry)[bloc]:
        if one.holds(mode, at):
            names = _in_charge_of(registry).get(one.name, ()) if one.by_party else (one.name,)
            for name in names:
                if not one.by_party or _in_charge(registry, registry.territories[name].authority, at) == one.name:
                    yield name


def ever_inside(registry: Registry, territory: str) -> frozenset[str]:
    """The blocs that count in a territory at some time, for some mode."""
    if not registry.blocs:
        return frozenset()
    return _related(registry, [(territory, registry.territories[territory].authority)])


def _related(registry: Registry, sides: Iterable[Side]) -> frozenset[str]:
    """The blocs that count at some sides at some time, for some mode."""
    index, related = _by_name(registry), set[str]()
    for territory, authority in sides:
        related.update(bloc for bloc, _ in index.get((False, territory), ()))
        related.update(bloc for party in ever_in_charge(authority) for bloc, _ in index.get((True, party), ()))
    return frozenset(related)


def phases(registry: Registry, sides: tuple[Side, ...], lands: tuple[str, ...], mode: Mode) -> tuple[Phase, ...]:
    """The phases of a site, in time; none where no date and no bloc concerns it. Kept with the registry.

    Args: lands: the territories along the lane, and the ends that are asked about.
    """
    if not registry.blocs and all(isinstance(authority, str) for _, authority in sides):
        return ()
    key = sides, tuple(sorted({*lands})), mode
    found = registry.memo.get(key)
    if found is None:
        found = registry.memo[key] = _worth_telling(list(_phases(registry, *key)))
    kept: tuple[Phase, ...] = found
    return kept


def _worth_telling(found: list[Phase]) -> tuple[Phase, ...]:
    alone = len(found) == 1 and not found[0].related and not found[0].inside
    return () if alone else tuple(found)


def _phases(registry: Registry, sides: tuple[Side, ...], lands: tuple[str, ...], mode: Mode) -> Iterator[Phase]:
    along = [(land, registry.territories[land].authority) for land in lands]
    blocs = _related(registry, along)
    spans = [span for _, authority in (*sides, *along) for span in _spans(registry, authority)]
    spans += [one.span for bloc in blocs | _related(registry, sides) for one in memberships(registry)[bloc]]
    begins = sorted({BEGINNING, *(at for span in spans for at in span.edges)})
    last: Phase | None = None
    for begin, end in pairwise([*begins, FOREVER]):
        phase = _phase(registry, sides, mode, Lifespan(begin, end))
        phase = phase._replace(inside=tuple(_inside(registry, sorted(blocs), lands, mode, begin)))
        if last is not None and last[1:] == phase[1:]:
            last = last._replace(span=Lifespan(last.span.begin, end))
            continue
        if last is not None:
            yield last
        last = phase
    assert last is not None
    yield last


def _phase(registry: Registry, sides: tuple[Side, ...], mode: Mode, span: Lifespan) -> Phase:
    """A phase without the territories of blocs along the lane."""
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
    authorities, blocs_here = tuple(by_authority), tuple(by_authority.values())
    return Phase(span, authorities, blocs_here, tuple(sorted(gone.items())), _related(registry, sides), ())


def _inside(
    registry: Registry, blocs: Iterable[str], lands: tuple[str, ...], mode: Mode, at: Instant
) -> Iterator[Inside]:
    for bloc in blocs:
        territories = territories_of(registry, bloc, mode, at)
        some = tuple(land for land in lands if land in territories)
        if some:
            yield Inside(bloc, some, len(some) == len(territories))
