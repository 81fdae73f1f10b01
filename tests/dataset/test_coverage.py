"""The page that says which announcement settles which item is what the files say."""

from datetime import date
from pathlib import Path

import pytest

from tracker.dataset.coverage import coverage
from tracker.dataset.reader import read_dataset
from tracker.model.announcement import Announcement, Correction, Retraction, Speaker
from tracker.model.dates import Day

HERE = Path(__file__).parents[2]
PAGE = HERE / "docs" / "coverage.md"
ITEMS = [f"C{number:03}" for number in range(1, 141)] + [f"K{number:02}" for number in range(1, 27)]


def page() -> str:
    files, _ = read_dataset(HERE / "events")
    assert files is not None
    return coverage(files.statements, ITEMS)


def announcement(name: str, *covers: str) -> Announcement:
    day = Day.exactly(date(2025, 1, 1))
    return Announcement(id=name, announced=day, summary="Said.", by=(Speaker(party="AM"),), covers=covers)


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text("utf-8") == page(), "write it anew with: tracker coverage events > docs/coverage.md"


def test_every_item_has_an_announcement() -> None:
    assert [line for line in page().splitlines() if line.endswith("| – |")] == []


def test_every_decree_of_the_extension_table_has_an_announcement() -> None:
    assert sum(line.startswith("| H-") for line in page().splitlines()) == 25


def test_a_gap_in_a_series_shows() -> None:
    rows = coverage([announcement("b10", "C003"), announcement("b9", "C001", "C003")]).splitlines()
    assert rows[-3:] == ["| C001 | `b9` |", "| C002 | – |", "| C003 | `b9`, `b10` |"]


def test_an_expected_item_shows_even_if_no_file_names_it() -> None:
    assert "| K02 | – |" in coverage([announcement("one", "K01")], ["K02"])


def test_an_announcement_that_covers_nothing_shows() -> None:
    assert coverage([announcement("idle")]).endswith("Announcements that cover no item: `idle`.\n")


@pytest.mark.parametrize(("patch", "row"), [({"covers": ["C002"]}, "| C002 | `one` |"), ({"covers": None}, "`one`.")])
def test_a_correction_changes_what_is_covered(patch: dict[str, object], row: str) -> None:
    day = Day.exactly(date(2025, 1, 2))
    correction = Correction(id="two", corrects="one", announced=day, reason="A slip.", replace=patch)
    assert coverage([announcement("one", "C001"), correction]).rstrip().endswith(row)


def test_what_is_retracted_covers_nothing() -> None:
    retraction = Retraction(id="two", retracts="one", announced=Day.exactly(date(2025, 1, 2)), reason="Wrong.")
    assert "`one`" not in coverage([announcement("one", "C001"), retraction])
