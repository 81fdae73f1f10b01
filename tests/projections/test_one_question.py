"""A record that is opened for one question: read as it is needed, and all of one state of the database."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import numpy as np
import pytest

from tests.projections import samples
from tests.projections.conftest import assert_same_tables, run_sql
from tests.store.samples import announcement, registry
from tracker.model.registry import Measure, Party, Registry
from tracker.projections.checkpoint import NotRefreshed
from tracker.projections.load import Limits, load, opened
from tracker.projections.refresh import rebuild, refresh
from tracker.state.record import Record
from tracker.store.event_store import EventStore
from tracker.timeline.knowledge import Known

MORE = 100  # measures: more than are read one by one


@pytest.fixture
def open_record(url: str) -> Iterator[Callable[[], Record]]:
    """Opens the record of the store's tables, as if its registry were large, until the end of the test."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(opened(url, Limits(registry=0)))


def many() -> Registry:
    measure = registry().measures["closure"]
    return Registry.of(
        [*registry().subjects(), *(measure.model_copy(update={"id": f"m-{each}"}) for each in range(MORE))]
    )


def amended() -> Registry:
    changed = {"m-3": {"title": "Another"}, "AA-BB": {"name": "The river"}}
    return Registry.of(each.model_copy(update=changed.get(each.id, {})) for each in many().subjects())


def test_what_is_read_later_is_what_is_read_at_once(
    url: str, store: EventStore, open_record: Callable[[], Record]
) -> None:
    for statement in (None, *samples.statements()):
        store.load(many(), [statement] if statement else [])
        refresh(url, store)
        assert_same_tables(open_record(), load(url))


@pytest.mark.parametrize("afterwards", [refresh, rebuild])
def test_what_is_read_later_is_of_the_same_state_whatever_others_write_meanwhile(
    url: str, store: EventStore, open_record: Callable[[], Record], afterwards: Callable[[str, EventStore], int]
) -> None:
    store.load(many(), [announcement("a"), announcement("c")])
    refresh(url, store)
    before = load(url)
    record = open_record()
    assert len(record.assertions.offsets) == len(before.assertions.offsets)
    assert record.registry().measures["m-3"].title == "The closure"
    effect = {"type": "lift", "measure": "m-7", "from": "2031-03-25"}
    store.load(amended(), [announcement("b", effect=[effect]), announcement("d")])
    afterwards(url, store)
    assert len(load(url).assertions) == len(before.assertions) + 2
    assert_same_tables(record, before)
    assert record.registry().measures["m-4"] == before.registry().measures["m-4"]
    assert record.registry().borders["AA-BB"].name is None
    assert record.at(Known()).row(0) == before.at(Known()).row(0)
    assert load(url).registry().borders["AA-BB"].name == "The river"


def test_subjects_are_found_one_by_one_and_all_together(
    url: str, store: EventStore, open_record: Callable[[], Record]
) -> None:
    store.load(many(), [])
    refresh(url, store)
    until = store.max_position()
    store.load(amended(), [])
    refresh(url, store)
    for recorded_by, known in ((until, many()), (store.max_position(), amended()), (2**62, amended())):
        for first in (iter, len, lambda shelf: "m-1" in shelf, lambda shelf: shelf.get("m-1")):
            found = open_record().registry(recorded_by)
            first(found.measures)
            assert [found.measures[f"m-{each}"] for each in range(MORE)] == [
                known.measures[f"m-{each}"] for each in range(MORE)
            ]
            assert found.borders["AA-BB"] == known.borders["AA-BB"]
        found = open_record().registry(recorded_by)
        assert list(found.measures_at["AA-BB"]) == list(known.measures)
        assert list(found.with_state) == list(known.with_state)
        assert list(found.places) == list(known.places)
        assert list(found.measures_at["AA-BB"]) == list(known.measures)
        assert list(found.subjects()) == list(known.subjects())
    early = open_record().registry(0)
    assert (early.dataset, list(early.parties)) == (registry().dataset, [])


@pytest.mark.parametrize("name", ["", "nobody", "m-1' OR '1' = '1", "m-1\n", "\udcff", "ağrı", "m-1\0"])
def test_what_is_no_subject_is_not_found(
    url: str, store: EventStore, open_record: Callable[[], Record], name: str
) -> None:
    store.load(many(), [])
    refresh(url, store)
    found = open_record().registry()
    for _ in range(2):
        assert name not in found.measures
        assert found.with_state.get(name) is None
        assert found.places.get(name) is None
        with pytest.raises(KeyError):
            found.parties[name]
        list(found.subjects())  # now all are there


def test_a_party_and_a_territory_may_share_an_id(
    url: str, store: EventStore, open_record: Callable[[], Record]
) -> None:
    store.load(registry(), [])
    refresh(url, store)
    found = open_record().registry()
    assert isinstance(found.parties["AA"], Party)
    assert found.territories["AA"].authority == "AA"
    assert isinstance(found.with_state["closure"], Measure)


def test_parts_that_cannot_be_read_are_refused_in_words(
    url: str, store: EventStore, open_record: Callable[[], Record]
) -> None:
    store.load(registry(), [announcement("a")])
    refresh(url, store)
    data = "'\\x010203'" if url.startswith("postgresql://") else "X'010203'"
    run_sql(url, f"UPDATE tracker_segments SET data = {data} WHERE name = 'order.values'")

    def look() -> None:
        np.asarray(open_record().assertions.order.values)

    with pytest.raises(NotRefreshed, match="rebuild it"):
        look()
    run_sql(url, "DELETE FROM tracker_segments WHERE name = 'order.values'")
    with pytest.raises(NotRefreshed, match="rebuild it"):
        open_record()
