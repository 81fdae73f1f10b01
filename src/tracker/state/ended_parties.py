"""The measures of parties that ended: they lapse with them. Source: design §3 and §9."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from tracker.model.dates import FOREVER, Instant
from tracker.model.registry import Measure, Registry
from tracker.timeline.assertion_table import Assertions, split_value
from tracker.timeline.assertions import measure_track
from tracker.timeline.columns import Ranked
from tracker.timeline.dependence import exemptions_in

IN_FORCE = frozenset({"impose", "extend", "exempt", "permit"})  # effects that a party's end ends


def ended_parties(registry: Registry) -> Mapping[str, Instant]:
    """When each party ends that does; kept with the registry."""
    found = registry.memo.get(ended_parties)
    if found is None:
        lives = ((key, party.own_life(registry.tz)) for key, party in registry.parties.items() if party.last_day)
        found = registry.memo[ended_parties] = {key: life.end for key, life in lives}
    kept: Mapping[str, Instant] = found
    return kept


def with_ends(registry: Registry, table: Assertions) -> Assertions:
    """Assertions on the measures of parties, and on exemptions from them, that end with these at the latest."""
    ended = ended_parties(registry)
    if not ended:
        return table
    exemptions = exemptions_in(table)
    ends = np.full(len(table), FOREVER)
    for number, name in table.beginning(measure_track("")):
        measure = registry.measures.get(name.removeprefix(measure_track("")))
        end = ended.get(measure.authority) if measure else None
        if measure is not None and end is not None:
            for track in (number, *exemptions.get(measure.id, ())):
                ends[table.rows_of(track)] = end
    running = np.array([split_value(value)[0] in IN_FORCE for value in table.values], dtype=np.bool_)
    cut = running[table.value] & (table.begins_latest.instants < ends) & (ends < table.ends_latest.instants)
    if not cut.any():
        return table
    columns = {
        name: Ranked.of(np.where(cut, np.minimum(getattr(table, name).instants, ends), getattr(table, name).instants))
        for name in ("ends_earliest", "ends_latest")
    }
    made = replace(table.take(np.arange(len(table))), **columns)  # type: ignore[arg-type]
    return made if table.holds is None else made.holding(table.holds)


def ends_with_party(registry: Registry, measure: Measure, end: Instant) -> bool:
    """Whether an instant is that at which the authority of a measure ends."""
    return ended_parties(registry).get(measure.authority) == end
