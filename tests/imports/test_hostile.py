"""Nothing in a file makes an import fail without words, take much memory, or leave its folder."""

import gzip
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.imports.conftest import HEADER, MAPPING, Table
from tracker.model.errors import DatasetErrors, Problem
from tracker.services.importing import import_csv

GOOD = "1,P1,XA,ban,2031-01-05,\n"


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("2,P1,XA,ban\n", "table.csv:3: has 4 cells, and the header has 6"),
        ("2,P1,XA,ban,2031-01-05,,,\n", "table.csv:3: has 8 cells, and the header has 6"),
        ('2,P1,XA,"ban"x,2031-01-05,\n', "table.csv:3: is not CSV: ',' expected after '\"'"),
        ('2,P1,XA,"ban\n3,P2,XA,ban,2031-01-05,\n4,P2"\n', "table.csv:3: has 4 cells, and the header has 6; 3 lines"),
        ("2,P1,XA,bann,2031-01-05,\n", 'table.csv:3: column "level" has "bann", which [table.level] does not have'),
        ("2,P1,XA,,2031-01-05,\n", 'table.csv:3: column "level" is blank'),
        ("2,P1,XA,ban,05/01/2031,\n", 'table.csv:3: `from`: "05/01/2031" is not a date the tracker reads'),
        ("2,P1,XA,ban,2031-02-30,\n", 'table.csv:3: `from`: "2031-02-30" is not in the calendar'),
        ("2,P1,XA,ban,2031-01-05,2031-01-01\n", "table.csv:3: `last_day = 2031-01-01` is not after"),
        ("../../etc,P1,XA,ban,2031-01-05,\n", 'table.csv:3: `id` cannot be "t-../../etc"'),
        ("2,***,XA,ban,2031-01-05,\n", "table.csv:3: '***' has no letter or digit that an id can have"),
        ("2,P9,X A,ban,2031-01-05,\n", 'table.csv:3: `id` cannot be "X A"'),
        ("2,P1,X\x07,ban,2031-01-05,\n", 'table.csv:3: column "country" is not in the encoding of the file'),
        ("2,P1,X\0,ban,2031-01-05,\n", 'table.csv:3: column "country" is not in the encoding of the file'),
        (f"{'9' * 90},P1,XA,ban,2031-01-05,\n", "table.csv:3: `id` cannot be"),
        (f"{'9' * 75},P1,XA,ban,2031-01-05,\n", "and at most 74 fit"),
        ("2,P1,XB,ban,2031-01-05,\n", "t-p1 is a measure of XA, but XB speaks here"),
    ],
)  # fmt: skip
def test_a_row_that_does_not_fit_is_told_and_the_others_are_recorded(table: Table, row: str, message: str) -> None:
    ran = table.take(GOOD + row)
    assert ran.code == 1
    assert message in ran.err.replace(str(table.folder) + "/", "")
    assert table.state("t-p1", "2031-01-05") == "in-force"
    counted = table.tally(GOOD + row, "2031-02-01")
    assert counted["unfit"] == 1
    assert counted["rows"] == counted["said"] + counted["unfit"]


def test_bytes_that_are_not_in_the_encoding_are_told_with_their_line(table: Table) -> None:
    ran = table.take((HEADER + GOOD).encode() + b"2,P1,X\xe9,ban,2031-01-05,\n")
    assert ran.code == 1
    assert 'table.csv:3: column "country" is not in the encoding of the file' in ran.err
    assert "\\udce9" in ran.err


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty: a header with the names of the columns was expected"),
        (b"a,b,c\n1,2,3\n", 'has no column "id"'),
        (b"id,id,country,level,from,to\n", 'has two columns of the name "id"'),
        ((HEADER + GOOD).encode("utf-16"), 'is in UTF-16: state encoding = "utf-16"'),
        (b"PK\x03\x04 a spreadsheet", "is a zip archive or a spreadsheet"),
        (gzip.compress(HEADER.encode(), mtime=0), "is packed with gzip: call it"),
        ((HEADER + GOOD + '2,"P1,XA\n' + GOOD * 9).encode(), "table.csv:3: unexpected end of data, and lines 3 to 12"),
        ((HEADER + GOOD + '2,"P1,XA\n' + GOOD * 9000).encode(), "table.csv:3: field larger than field limit"),
        (HEADER.encode() + b"x" * 2_000_000, "is larger than any table that is read"),
        (",".join(f"c{number}" for number in range(5000)).encode(), "has 5000 columns, and at most 4096 are read"),
    ],
)
def test_a_file_that_is_no_such_table_records_nothing(table: Table, content: bytes, message: str) -> None:
    ran = table.take(content)
    assert ran.code == 1
    assert message in ran.err
    assert "nothing was stored" in ran.err


def test_a_gzip_that_is_cut_off_records_nothing(table: Table) -> None:
    packed = table.write("").with_name("table.csv.gz")
    packed.write_bytes(gzip.compress((HEADER + GOOD * 999).encode())[:-20])
    ran = table.again(packed)
    assert ran.code == 1
    assert "is not a whole gzip file" in ran.err


def test_a_gzip_of_endless_blanks_takes_no_memory(table: Table) -> None:
    packed = table.write("").with_name("table.csv.gz")
    packed.write_bytes(gzip.compress(HEADER.encode() + b" " * 200_000_000, compresslevel=1))
    ran = table.again(packed)
    assert ran.code == 1
    assert "table.csv.gz:2: is larger than any table that is read" in ran.err


def test_what_is_no_ordinary_file_is_not_read(table: Table) -> None:
    table.write("")
    os.mkfifo(table.folder / "pipe.csv")
    for name, message in (
        ("pipe.csv", "is not an ordinary file"),
        (".", "is a folder, and a file was expected"),
        ("gone.csv", "No such"),
    ):
        ran = table.again(table.folder / name)
        assert ran.code == 1
        assert message in ran.err


@pytest.mark.slow
def test_a_long_import_says_all_of_it_once_with_one_announcement_in_many_places(table: Table) -> None:
    table.mapping = MAPPING.replace("{level} by {country}", "Restrictions")
    rows = "".join(f"{number % 700},P{number % 40},XA,ban,2031-01-05,\n" for number in range(7000))
    counted = table.tally(rows)
    assert (counted["rows"], counted["announcements"], counted["unfit"]) == (7000, 700, 0)
    assert table.tally(rows, "2031-02-01")["unchanged"] == 700


def test_a_folder_of_links_to_elsewhere_is_not_followed(tmp_path: Path) -> None:
    from tests.cli.conftest import run
    from tests.imports.test_oxcgrt import DATA

    for file in DATA.iterdir():
        (tmp_path / file.name).symlink_to(file)
    ran = run("--store", str(tmp_path / "store.sqlite"), "import", "oxcgrt", str(tmp_path))
    assert ran.code == 1
    assert "leads out of the folder" in ran.err


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200) | st.text('1,P"XA\n\r;ban\0é\u2028 -5203', max_size=200).map(str.encode))
def test_law_whatever_the_bytes_every_row_is_counted(tmp_path: Path, content: bytes) -> None:
    """A row says something, is skipped, or does not fit; or the file as a whole is refused, with words."""
    (tmp_path / "mapping.toml").write_text(MAPPING, encoding="utf-8")
    file = tmp_path / "table.csv"
    file.write_bytes(HEADER.encode() + GOOD.encode() + content)
    told: list[Problem] = []
    try:
        tally, _ = import_csv(
            str(tmp_path / "none.sqlite"), file, tmp_path / "mapping.toml",
            announced="2031-01-01", by=None, dry=True, report=told.append, progress=lambda *_: None,
        )  # fmt: skip
    except DatasetErrors:
        return
    assert tally.rows == tally.said + tally.unfit + sum(tally.skipped.values())
    assert tally.problems >= tally.unfit
    assert len(told) >= tally.problems
