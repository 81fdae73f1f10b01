"""Changes by dates of the registry, in words: lives, who is in charge, and who is in a bloc. Source: design §3."""

from collections.abc import Iterator

from tracker.model.charges import Authority, charges, ever_in_charge
from tracker.model.dates import Instant
from tracker.model.registry import Registry
from tracker.queries.existence import exists_answer, exists_text
from tracker.queries.reasons import party_name, place_name
from tracker.state.lanes import Lane
from tracker.state.phases import memberships
from tracker.state.record import View


def registry_changes(view: View, lane: Lane, at: Instant) -> Iterator[str]:
    """The dates of the registry that fall on an instant and concern a lane's places, or the parties in charge there."""
    registry = view.registry
    names = frozenset({lane.origin, lane.destination}).union(*(site.matches for site in lane.sites))
    charged = list(_charged(registry, names))
    names |= {party for _, authority in charged for party in ever_in_charge(authority)}
    for table in (registry.parties, registry.territories, registry.borders, registry.crossings, registry.corridors):
        for name in sorted(names & table.keys()):
            if at in table[name].own_life(registry.tz).edges:
                exists = exists_answer(view, table[name])
                assert exists is not None
                yield f"{table[name].name or name} {exists_text(exists)}"
    for place, authority in charged:
        for span, party in charges(authority, registry.tz):
            if span.begin == at:
                yield f"{party_name(view, party)} takes charge of {place}"
    for bloc, members in memberships(registry).items():
        for member in members:
            if member.name in names and at in member.span.edges and (member.modes is None or lane.mode in member.modes):
                name = party_name(view, member.name) if member.by_party else place_name(view, member.name)
                yield f"{name} {'joins' if member.span.begin == at else 'leaves'} the {party_name(view, bloc)}"


def _charged(registry: Registry, names: frozenset[str]) -> Iterator[tuple[str, Authority]]:
    """Who is in charge of the territories and crossings among some names, with each place in words."""
    for name in sorted(names & registry.territories.keys()):
        yield registry.territories[name].name, registry.territories[name].authority
    for name in sorted(names & registry.crossings.keys()):
        crossing = registry.crossings[name]
        for side, authority in (crossing.authorities or {}).items():
            yield f"{registry.territories[side].name}'s side of {crossing.name}", authority
