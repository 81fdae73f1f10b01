"""The Oxford tracker's travel controls: folding back gives every cell of every published version.

A small part of the data is here, with its licence (tests/data/oxcgrt/README.md); benchmarks/oxcgrt.py takes the whole.
"""

import csv
import gzip
import shutil
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from tests.cli.conftest import run
from tests.imports.folding import Folder, answers, digest, final, known_at, log_of
from tracker.imports.oxcgrt import Import
from tracker.imports.oxcgrt_files import REVISIONS, VERSIONS, names
from tracker.model.announcement import Announcement, Statement
from tracker.model.errors import DatasetErrors
from tracker.projections.load import load
from tracker.state.fold import fold
from tracker.state.record import Record

DATA = Path(__file__).parents[1] / "data" / "oxcgrt"
LAST_CHANGE = 7605  # a line of revisions.csv.gz
COUNTRIES = sorted(names(DATA))


@pytest.fixture(scope="module")
def said() -> list[list[Statement]]:
    return list(Import(DATA).statements())


@pytest.fixture(scope="module")
def record(said: list[list[Statement]]) -> Record:
    return fold(log_of(Import(DATA).registry, said))


def verify(record: Record) -> None:
    folded = Folder(record, COUNTRIES)
    for version, key in answers(DATA):
        table = folded.table(known_at(version), version.first, version.last)
        assert int((table != key).sum()) == 0
        assert digest(table, COUNTRIES, version.first) == version.digest
    countries, published = final(DATA)
    assert countries == COUNTRIES
    assert np.array_equal(folded.table(known_at(version), version.first, version.last), published)


def test_every_cell_of_every_version_is_given_back(record: Record) -> None:
    verify(record)


def test_every_cell_of_every_version_is_given_back_by_a_store(tmp_path: Path) -> None:
    store = str(tmp_path / "store.sqlite")
    ran = run("--store", store, "import", "oxcgrt", str(DATA))
    assert ran.code == 0, ran.err
    verify(load(store))
    again = run("--store", store, "import", "oxcgrt", str(DATA), "--json").json
    assert again["stored"]["recorded"] == 0
    assert again["cells"] == 7701
    assert run("--store", store, "state", "oxcgrt-c8-fra", "--as-of", "2020-06-01").status == "in-force"


def test_the_verification_sees_a_single_wrong_cell(record: Record) -> None:
    folded = Folder(record, COUNTRIES)
    row = int(np.flatnonzero(folded.scores == 3)[0])
    folded.scores[row] = 2
    wrong = 0
    for version, key in answers(DATA):
        wrong += int((folded.table(known_at(version), version.first, version.last) != key).sum())
    assert wrong > 0


def test_what_was_not_announced_yet_is_not_known(record: Record) -> None:
    folded = Folder(record, COUNTRIES)
    (first, _), *_ = answers(DATA)
    before = known_at(first)._replace(announced_by=known_at(first).announced_by - 1)
    assert set(folded.table(before, first.first, first.last).ravel().tolist()) == {-1}


def test_runs_are_announcements_and_what_changes_is_corrected_or_retracted(said: list[list[Statement]]) -> None:
    kinds = Counter(type(one).__name__ for each in said for one in each)
    assert kinds == {"Announcement": 44, "Correction": 30, "Retraction": 10}
    assert all(isinstance(one, Announcement) for one in said[0])


def test_a_blank_is_a_statement_that_changes_nothing(said: list[list[Statement]]) -> None:
    [blank] = [one for one in said[0] if one.id == "oxcgrt-c8-com-2020-01-01"]
    assert isinstance(blank, Announcement)
    assert (blank.effect, blank.covers) == ((), ("COM-2020-01-01-2021-12-31",))


def spoilt(tmp_path: Path, line: int, key: str, value: str) -> Path:
    """The data with one cell of its revisions changed."""
    for each in DATA.iterdir():
        shutil.copy(each, tmp_path)
    with gzip.open(DATA / REVISIONS, "rt", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    rows[line - 2][key] = value
    with gzip.open(tmp_path / REVISIONS, "wt", encoding="utf-8", newline="") as spoilt_file:
        writer = csv.DictWriter(spoilt_file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    return tmp_path


@pytest.mark.parametrize(
    ("line", "key", "value", "message"),
    [
        (100, "new", "7", "is not a change of a cell"),
        (100, "date", "2020-13-01", "is not a change of a cell"),
        (100, "date", "2020-01-01", "so 2020-01-01 cannot be a new one"),
        (100, "op", "change", "so 2020-04-08 cannot be a changed one"),
        (LAST_CHANGE, "old", "4", "had another value on"),
        (100, "country", "XXX", "there is no country XXX in final_wide.csv"),
        (100, "version", "999", "there is no version 999 in versions.csv"),
    ],
)
def test_a_revision_that_cannot_be_is_told_with_its_line(
    tmp_path: Path, line: int, key: str, value: str, message: str
) -> None:
    with pytest.raises(DatasetErrors) as told:
        list(Import(spoilt(tmp_path, line, key, value)).statements())
    assert message in str(told.value)
    assert f":{line}: " in str(told.value)


def test_versions_must_be_in_order(tmp_path: Path) -> None:
    for each in DATA.iterdir():
        shutil.copy(each, tmp_path)
    lines = (DATA / VERSIONS).read_text().splitlines()
    (tmp_path / VERSIONS).write_text("\n".join([lines[0], lines[2], lines[1]]))
    with pytest.raises(DatasetErrors, match="is not after the version before it"):
        Import(tmp_path)
