"""kill -9 of a loader, a recorder and a refresher at random moments."""

import random
from collections import Counter
from collections.abc import Iterator

from tests.projections.conftest import assert_same_tables, run_sql
from tests.store.samples import registry
from tests.torture.place import KILLED, Ended, Figures, Place, assert_sound, assert_whole, begun
from tests.torture.worker import BATCH, CALLS, calls_of, load_of
from tracker.projections.checkpoint import NotRefreshed
from tracker.projections.load import load
from tracker.projections.refresh import refresh
from tracker.state.fold import fold

ROUNDS_OF_A_STORE = 15  # of a refresher half as many
LOAD = 520  # more than one batch, in one transaction
GROWTH = 120  # events between two refreshes


def recorder(place: Place, rounds: int, seed: int = 0) -> Figures:
    """Each acknowledged call is there, none twice, none in part; what was in doubt is recognised when said again."""
    counts, chance, whole = _counts("rounds", "killed", "acknowledged", "in doubt", "of these stored"), _chance(seed), 0
    for some in _parts(rounds):
        with begun(place) as (url, store):
            usual = place.said("record", url, "usual")[1].seconds
            for number in some:
                name = f"r{number}"
                acknowledged, ended = place.said("record", url, name, kill_after=chance.uniform(0, 1.2 * usual))
                assert acknowledged == list(range(len(acknowledged)))
                there = _statements(url, name)
                assert set(there.values()) <= {1}, "twice"
                stored = [_stored(there, [each.id for each in call]) for call in calls_of(name)]
                assert stored == sorted(stored, reverse=True), "a later call without an earlier one"
                assert all(stored[: len(acknowledged)]), "acknowledged, and not there"
                assert sum(stored) <= len(acknowledged) + 1, "more than was asked for"
                again = [store.record(call) for call in calls_of(name)]
                assert [each.unchanged > 0 for each in again] == stored, "not recognised"
                _count(counts, ended, acknowledged=len(acknowledged), in_doubt=_in_doubt(ended, acknowledged, CALLS))
                counts["of these stored"] += sum(stored) - len(acknowledged)
            whole += assert_whole(url, store)
    return Figures("kill -9 of a recorder", place.kind, {**counts, "events in the end": whole})


def loader(place: Place, rounds: int, seed: int = 0) -> Figures:
    """A load is there as a whole or not at all; what was acknowledged is there."""
    counts, chance, whole = _counts("rounds", "killed", "acknowledged", "in doubt", "of these stored"), _chance(seed), 0
    for some in _parts(rounds):
        with begun(place) as (url, store):
            usual = place.said("load", url, "usual", LOAD)[1].seconds
            for number in some:
                name = f"r{number}"
                acknowledged, ended = place.said("load", url, name, LOAD, kill_after=chance.uniform(0, 1.2 * usual))
                stored = _stored(_statements(url, name), [f"{name}-{number}" for number in range(LOAD)])
                assert stored or not acknowledged, "acknowledged, and not there"
                again = store.load(registry(), load_of(name, LOAD))
                assert again.recorded == (0 if stored else LOAD)
                _count(counts, ended, acknowledged=len(acknowledged), in_doubt=_in_doubt(ended, acknowledged, 1))
                counts["of these stored"] += stored and not acknowledged
            whole += assert_whole(url, store) if some.stop == rounds else assert_sound(store)
    return Figures("kill -9 of a loader", place.kind, {**counts, "events in the end": whole})


def refresher(place: Place, rounds: int, seed: int = 0) -> Figures:
    """The tables are those of a position that was, and the next question completes them."""
    counts, chance, whole = _counts("rounds", "killed", "left behind", "left with none"), _chance(seed), 0
    for some in _parts(rounds, ROUNDS_OF_A_STORE // 2):
        with begun(place) as (url, store):
            store.record(load_of("usual", GROWTH))
            events = list(store.events())
            usual = place.said("bring_up", url, False, BATCH)[1].seconds
            for number in some:
                store.record([*load_of(f"r{number}", GROWTH - 4), *calls_of(f"r{number}")[0]])
                anew = number % 3 == 0  # made anew, or from nothing, or continued
                if number % 3 == 1:
                    run_sql(url, "DELETE FROM tracker_checkpoint")
                _, ended = place.said("bring_up", url, anew, BATCH, kill_after=chance.uniform(0, 1.5 * usual))
                events += store.events(after=events[-1].position)
                try:
                    found = load(url)
                    assert_same_tables(found, fold([event for event in events if event.position <= found.position]))
                    counts["left behind"] += found.position < events[-1].position
                except NotRefreshed:
                    counts["left with none"] += 1
                assert place.said("answer", url)[0] == [events[-1].position]
                assert_same_tables(load(url), fold(events))
                _count(counts, ended)
            refresh(url, store)
            whole += assert_whole(url, store)
    return Figures("kill -9 of a refresher", place.kind, {**counts, "events in the end": whole})


def _parts(rounds: int, most: int = ROUNDS_OF_A_STORE) -> Iterator[range]:
    """Some rounds for each store, so that the time of one does not grow with their number."""
    for first in range(0, rounds, most):
        yield range(first, min(first + most, rounds))


def _chance(seed: int) -> random.Random:
    return random.Random(seed)


def _counts(*names: str) -> dict[str, int]:
    return dict.fromkeys(names, 0)


def _count(counts: dict[str, int], ended: Ended, acknowledged: int = 0, in_doubt: bool = False) -> None:
    [code] = ended.codes
    assert code in (0, KILLED), f"it failed by itself: {code}"
    counts["rounds"] += 1
    counts["killed"] += code == KILLED
    if "acknowledged" in counts:
        counts["acknowledged"] += acknowledged
        counts["in doubt"] += in_doubt


def _in_doubt(ended: Ended, acknowledged: list[object], of: int) -> bool:
    return ended.codes == [KILLED] and len(acknowledged) < of


def _statements(url: str, name: str) -> Counter[str]:
    """How often each statement of a round is stored, by the database itself."""
    rows = run_sql(url, f"SELECT statement FROM event_log WHERE statement LIKE '{name}-%'")
    return Counter(statement for (statement,) in rows)


def _stored(there: Counter[str], ids: list[str]) -> bool:
    """Whether statements that were recorded together are there."""
    found = sum(there[each] for each in ids)
    assert found in (0, len(ids)), f"in part: {found} of {len(ids)}"
    return found > 0
