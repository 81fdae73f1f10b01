"""Names: whatever an answer prints can be asked for."""

import unicodedata
from pathlib import Path

import pytest

from tests.queries.lists import banks, clocks
from tracker.model.dataset import Dataset
from tracker.model.errors import UnknownSubject
from tracker.model.names import display_name, name_of, names_of
from tracker.model.registry import Registry
from tracker.queries.about import ids_about
from tracker.queries.selection import find, find_party, find_territory
from tracker.queries.subjects import subject
from tracker.state.record import Record


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    return banks(tmp_path).view.registry


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("bridge", "bridge"),
        ("BRIDGE", "bridge"),
        ("the BRIDGE", "bridge"),
        ("long-bridge", "bridge"),
        ("Igdir koprusu", "bridge"),
        ("IĞDIR KÖPRÜSÜ", "bridge"),
        ("Կամուրջ", "bridge"),
        ("ԿԱՄՈՒՐՋ", "bridge"),
        ("بيله سوار", "bridge"),
        ("بیله‌سوار", "bridge"),
        ("بیلهسوار", "bridge"),
        ("Northland – Midland", "MI-NO"),
        ("midland - northland", "MI-NO"),
        ("Midland's ban on Northland’s lorries", "ban"),
        ("a treaty", "treaty"),
        ("The great way", "way"),
    ],
)
def test_a_subject_is_found_by_any_of_its_names(name: str, key: str, registry: Registry) -> None:
    assert find(registry, name).id == key
    assert find(registry, unicodedata.normalize("NFD", name)).id == key


def test_a_territory_and_a_party_are_found_by_their_names(registry: Registry) -> None:
    assert find_territory(registry, "soderland") == "SO"
    assert find_territory(registry, "northland (MAINLAND)") == "NO"
    assert find_party(registry, "the Shippers") == "shippers"


def test_a_name_as_written_goes_before_one_that_is_folded(registry: Registry) -> None:
    """The crossing `high-road` is called "Low road", and `low-road` is a corridor."""
    assert find(registry, "low-road").id == "low-road"
    assert find(registry, "Low road").id == "high-road"


def test_a_name_of_several_subjects_is_an_error_that_lists_them(registry: Registry) -> None:
    with pytest.raises(UnknownSubject, match="several subjects: write one of their ids, high-road, low-road"):
        find(registry, "LOW ROAD")


def test_an_unknown_name_is_an_error_with_the_nearest(registry: Registry) -> None:
    with pytest.raises(
        UnknownSubject, match=r"nothing that has a state is registered as 'treety': did you mean treaty\?"
    ):
        find(registry, "treety")
    with pytest.raises(UnknownSubject, match=r"no party is registered as 'x': write one of NO, MI"):
        find_party(registry, "x")


def test_a_border_without_a_name_goes_by_its_sides(registry: Registry) -> None:
    assert display_name(registry, registry.borders["MI-NO"]) == "Northland – Midland"
    assert name_of(registry, "NO") == "Northland (mainland)"
    assert name_of(registry, "opening") == "opening"


def test_an_entry_is_shown_by_any_of_its_names(tmp_path: Path) -> None:
    record = banks(tmp_path)
    at = clocks(record)
    entries = [subject(record, at, name) for name in ("Long bridge", "Söderland", "the press")]
    assert [(entry.kind.value, entry.id) for entry in entries] == [
        ("crossing", "bridge"), ("territory", "SO"), ("party", "press"),
    ]  # fmt: skip


def test_every_name_of_the_record_can_be_asked_for(record: Record) -> None:
    """As it is printed; without its accents and in capitals it may be a name of others, too."""
    registry = record.view.registry
    for entry in registry.subjects():
        if isinstance(entry, Dataset):
            continue
        for name in names_of(registry, entry):
            assert entry.id in ids_about(record.view, name), name
            if entry.id in registry.with_state:
                assert find(registry, name).id == entry.id, name
