"""Rows of a table become registry entries and announcements, and a newer version only what changed."""

import gzip
import re
from pathlib import Path

import pytest

from tests.imports.conftest import HEADER, MAPPING, Table

DOCS = Path(__file__).parents[2] / "docs" / "imports.md"

ROWS = """1,P1,XA,check,2031-01-05,2031-01-31
2,P1,XA,ban,2031-02-01,
3,P2,XB,ban,2031-01-02,2031-01-10
"""


def test_the_worked_example_of_the_manual(table: Table) -> None:
    text = DOCS.read_text("utf-8")
    rows, mapping = (re.search(rf"```{kind}\n(.*?)```", text, re.DOTALL) for kind in ("csv", "toml"))
    assert rows
    assert mapping
    table.mapping = mapping[1]
    ran = table.take(rows[1], "2031-03-20", header="")
    assert ran.code == 0, ran.err
    assert ran.out in text
    newer = rows[1].replace("2031,01/04/2031,", "2031,03/04/2031,")
    assert table.take(newer, "2031-04-15", "--json", header="").json["corrections"] == 1
    assert table.state("travel-p1", "2031-04-01") == "lifted"
    assert table.state("travel-p1", "2031-04-01", "--announced-by", "2031-04-14") == "in-force"
    assert table.state("travel-p1", "2031-04-03") == "in-force"
    assert "travel-2-v2" in table.ask("show", "travel-2").out


def test_rows_become_entries_and_announcements(table: Table) -> None:
    counted = table.tally(ROWS)
    assert (counted["rows"], counted["said"], counted["subjects"], counted["announcements"]) == (3, 3, 6, 3)
    assert table.state("t-p1", "2031-01-31") == "in-force"
    assert table.state("t-p1", "2031-06-01") == "in-force"  # a blank end: until further notice
    assert table.state("t-p2", "2031-01-11") == "lapsed"  # a stated end


def test_the_amount_of_a_level_is_kept(table: Table) -> None:
    table.take(ROWS)
    [version] = table.ask("show", "t-2", "--json").json["versions"]
    assert version["content"]["effect"][0]["amount"] == "4"
    assert version["content"]["effect"][0]["level"] == "prohibited"


def test_a_second_import_records_nothing(table: Table) -> None:
    table.take(ROWS)
    again = table.tally(ROWS, "2031-03-01")
    assert again["unchanged"] == 3
    assert again["stored"]["recorded"] == 0


def test_a_newer_version_is_a_correction_of_its_day(table: Table) -> None:
    table.take(ROWS)
    changed = table.tally(ROWS.replace("2031-02-01", "2031-02-08"), "2031-02-20")
    assert (changed["corrections"], changed["unchanged"]) == (1, 2)
    assert table.state("t-p1", "2031-02-03") == "lapsed"
    assert table.state("t-p1", "2031-02-03", "--announced-by", "2031-02-19") == "in-force"


def test_a_newer_version_may_go_back_to_what_it_said_first(table: Table) -> None:
    changed = ROWS.replace("ban", "check")
    for number, rows in enumerate((ROWS, changed, ROWS), start=1):
        table.take(rows, f"2031-0{number}-01")
    assert table.tally(ROWS, "2031-04-01")["unchanged"] == 3
    assert "t-2-v3" in table.ask("show", "t-2").out


def test_a_row_that_is_gone_stays_unless_the_mapping_says_otherwise(table: Table) -> None:
    table.take(ROWS)
    assert table.tally("\n".join(ROWS.splitlines()[:2]), "2031-02-01")["retractions"] == 0
    assert table.state("t-p2", "2031-01-05") == "in-force"


def test_a_row_that_is_gone_may_be_a_retraction_and_may_come_back(table: Table) -> None:
    table.mapping = MAPPING.replace("[table.level]", '[file]\nmissing = "retract"\n\n[table.level]', 1)
    fewer = "\n".join(ROWS.splitlines()[:2])
    table.take(ROWS)
    assert table.tally(fewer, "2031-02-01")["retractions"] == 1
    assert table.tally(fewer, "2031-02-02")["retractions"] == 0
    assert table.state("t-p2", "2031-01-05") == "none"
    assert table.state("t-p2", "2031-01-05", "--announced-by", "2031-01-31") == "in-force"
    assert table.tally(ROWS, "2031-03-01")["corrections"] == 1
    assert table.state("t-p2", "2031-01-05") == "in-force"
    assert table.state("t-p2", "2031-01-05", "--announced-by", "2031-02-15") == "none"


def test_nothing_is_retracted_while_a_row_cannot_be_placed(table: Table) -> None:
    table.mapping = MAPPING.replace("[table.level]", '[file]\nmissing = "retract"\n\n[table.level]', 1)
    table.take(ROWS)
    ran = table.take(ROWS.replace("3,P2", ",P2"), "2031-02-01")
    assert ran.code == 1
    assert 'table.csv:4: column "id" is blank' in ran.err
    assert "nothing is retracted, as 1 rows may belong to" in ran.err
    assert table.state("t-p2", "2031-01-05") == "in-force"


def test_an_older_version_is_refused_where_it_would_change_something(table: Table) -> None:
    table.take(ROWS, "2031-02-01")
    ran = table.take(ROWS.replace("2031-02-01,", "2031-02-08,"), "2031-01-01")
    assert ran.code == 1
    assert "t-2 has a statement on the record that is newer than 2031-01-01" in ran.err
    assert table.again(table.write(ROWS), "2031-01-01").code == 0


def test_rows_with_one_id_are_one_announcement(table: Table) -> None:
    table.mapping = MAPPING.replace("{level} by", "Restrictions by")
    said = "1,P1,XA,check,2031-01-05,\n2,P2,XA,ban,2031-01-05,\n1,P3,XA,ban,2031-01-07,\n"
    assert table.tally(said)["announcements"] == 2
    assert [table.state(f"t-p{number}", "2031-01-08") for number in (1, 2, 3)] == ["in-force"] * 3


def test_rows_of_one_announcement_agree_in_all_but_their_effects(table: Table) -> None:
    ran = table.take("1,P1,XA,check,2031-01-05,\n2,P2,XA,ban,2031-01-05,\n1,P3,XA,ban,2031-01-07,\n")
    assert ran.code == 1
    assert 'table.csv:4: `summary` of t-1 is "ban by XA", and "check by XA" in line 2' in ran.err
    assert "1 announcements held back" in ran.out
    assert table.state("t-p1", "2031-01-08") == "none"
    assert table.state("t-p2", "2031-01-08") == "in-force"


def test_rows_without_an_id_are_numbered_in_their_chain(table: Table) -> None:
    table.mapping = MAPPING.replace('id = "t-{id}"', 'chain = "{policy}"\nid = "t-{policy|slug}-{@number}"')
    table.take(ROWS)
    assert "ban by XA" in table.ask("show", "t-p1-2").out
    assert "ban by XB" in table.ask("show", "t-p2-1").out


def test_rows_may_be_corrections_and_retractions_themselves(table: Table) -> None:
    table.mapping = (
        MAPPING.replace("[[announcement]]\n", '[[announcement]]\nwhen = { level = ["ban", "check"] }\n')
        + """
[[correction]]
when = { level = ["end"] }
id = "t-{id}"
corrects = "t-{policy}"
announced = "{from}"
reason = "It ended."

[[correction.effect]]
type = "impose"
measure = "t-p1"
from = "2031-01-05"
last_day = "{to}"

[[retraction]]
when = { level = ["void"] }
id = "t-{id}"
retracts = "t-{policy}"
announced = "{from}"
reason = "It never was."
"""
    )
    table.mapping = table.mapping.replace(
        'kind = "measure"\n', 'kind = "measure"\nwhen = { level = ["ban", "check"] }\n'
    )
    rows = "1,P1,XA,ban,2031-01-05,\n2,P2,XB,ban,2031-01-05,\n"
    later = rows + "9,1,XA,end,2031-02-10,2031-02-01\n8,2,XB,void,2031-02-11,\n"
    table.take(rows)
    counted = table.tally(later, "2031-03-01")
    assert (counted["corrections"], counted["retractions"], counted["unfit"]) == (1, 1, 0)
    assert table.state("t-p1", "2031-02-15", "--announced-by", "2031-02-09") == "in-force"
    assert table.state("t-p1", "2031-02-15") == "lapsed"
    assert table.state("t-p2", "2031-02-15") == "none"
    assert table.tally(later, "2031-03-02")["stored"]["recorded"] == 0


def test_skipped_rows_are_counted_under_their_reason(table: Table) -> None:
    table.mapping = MAPPING + '\n[[skip]]\nwhen = { level = ["advice"] }\nreason = "advice"\n'
    counted = table.tally(ROWS + "4,P2,XB,advice,2031-01-02,\n")
    assert counted["skipped"] == {"advice": 1}
    assert counted["rows"] == counted["said"] + counted["unfit"] + 1


def test_a_blank_may_stand_for_another_column(table: Table) -> None:
    old = 'last_day = { column = "to", blank = "omit" }'
    table.mapping = MAPPING.replace(old, 'last_day = { column = "to", default = "{from}" }')
    table.take("1,P1,XA,ban,2031-01-05,\n")
    assert table.state("t-p1", "2031-01-05") == "in-force"
    assert table.state("t-p1", "2031-01-06") == "lapsed"


def test_rows_of_another_dataset_are_refused(table: Table) -> None:
    table.mapping = MAPPING.replace("[dataset]\n", '[dataset]\nid = "invented"\n')
    assert table.take("1,P1,XA,ban,2031-01-05,\n").code == 0
    table.mapping = MAPPING.replace("[dataset]\n", '[dataset]\nid = "another"\n')
    ran = table.take(ROWS, "2031-02-01")
    assert ran.code == 1
    assert 'the store holds the dataset "Restrictions (invented)" (id invented)' in ran.err


def test_entries_on_the_record_stay_as_they_are(table: Table) -> None:
    table.take(ROWS)
    table.mapping = MAPPING.replace("Restriction {policy}", "Another title of {policy}")
    ran = table.take(ROWS, "2031-02-01")
    assert ran.code == 0
    assert "measure t-p1 is registered otherwise, and stays as it is" in ran.err


def test_a_gzip_is_read_and_other_encodings_where_stated(table: Table) -> None:
    table.mapping = MAPPING.replace("[table.level]", '[file]\nencoding = "cp1252"\ndelimiter = ";"\n\n[table.level]', 1)
    table.mapping = table.mapping.replace("Country {country}", "Land {policy}")
    text = (HEADER + "1,Größe,XA,ban,2031-01-05,\n").replace(",", ";")
    packed = table.folder / "table.csv.gz"
    packed.write_bytes(gzip.compress(text.encode("cp1252")))
    table.write("")
    ran = table.again(packed)
    assert ran.code == 0, ran.err
    assert table.state("t-grosse", "2031-01-05") == "in-force"


def test_a_dry_run_records_nothing(table: Table) -> None:
    assert table.tally(ROWS, "2031-01-01", "--dry-run")["announcements"] == 3
    assert not Path(table.store).exists()


def test_all_problems_go_into_a_file_that_is_not_there_yet(table: Table) -> None:
    bad = "".join(f"{number},P1,XA,bann,2031-01-05,\n" for number in range(150))
    file = table.folder / "problems.txt"
    ran = table.take(bad, "2031-01-01", "--problems", str(file))
    assert ran.code == 1
    assert len(file.read_text("utf-8").splitlines()) == 150
    assert ran.err.count("bann") == 100
    assert table.take(bad, "2031-01-01", "--problems", str(file)).code == 2


@pytest.mark.parametrize("announced", ["soon", "1993", "2031-01-01T10:00", ""])
def test_the_day_of_a_version_is_one_day_or_instant(table: Table, announced: str) -> None:
    assert table.take(ROWS, announced).code == 2
