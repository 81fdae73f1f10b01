"""What decides, since when, and every change in a period: on the small country of two banks."""

import csv
import io

from tests.cli.conftest import Run


def changes_of(run: Run, *arguments: str) -> list[tuple[str, str | None, str, str, list[str]]]:
    ran = run("changes", *arguments, "--json")
    assert ran.code == 0, ran
    return [(each["at"], each["before"], each["after"], each["subject"], each["announcements"]) for each in ran.json]


def test_a_closure_of_five_days_is_not_lost_between_two_end_points(run_cli: Run) -> None:
    """
    --- 2031/closed.toml
    announced = 2031-03-05
    effect = [{ type = "impose", measure = "closure", last_day = 2031-03-09 }]
    --- 2031/lifted.toml
    announced = 2031-03-10
    effect = [{ type = "lift", measure = "closure" }]
    --- 2031/begun.toml
    announced = 2031-01-10
    effect = [{ type = "lift", measure = "closure" }]
    """
    span = "--from", "2031-03-01", "--to", "2031-03-31"
    assert run_cli("diff", "2031-03-01", "2031-03-31", "--json").json["differences"] == []
    found = changes_of(run_cli, *span, "--subject", "closure")
    assert [each[:3] for each in found] == [("2031-03-05", "lifted", "in-force"), ("2031-03-10", "in-force", "lifted")]
    lanes = changes_of(run_cli, *span, "--mode", "rail", "--traffic", "goods", "--direction", "north>south")
    assert [each[1:4] for each in lanes] == [
        ("open", "closed", "north-south"),
        ("closed", "open", "north-south"),
    ]
    assert {each[3] for each in changes_of(run_cli, *span, "--about", "Northland")} >= {"closure", "bridge"}
    assert changes_of(run_cli, *span, "--party", "south") == []
    text = run_cli("changes", *span, "--subject", "closure", "--format", "csv").out
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [(row["at"], row["after"]) for row in rows] == [("2031-03-05", "in-force"), ("2031-03-10", "lifted")]


def test_a_difference_names_the_statements_that_made_it(run_cli: Run) -> None:
    """
    --- 2031/lifted.toml
    announced = 2031-03-10
    effect = [{ type = "lift", measure = "closure", from = 2031-03-01 }]
    """
    in_the_world = run_cli("diff", "2031-02-28", "2031-03-01", "--json").json["differences"]
    assert {each["subject"] for each in in_the_world} >= {"closure", "bridge", "north-south"}
    assert {tuple(each["announcements"]) for each in in_the_world} == {("lifted",)}
    learned = ("diff", "--known", "2031-03-09", "2031-03-10", "--as-of", "2031-03-05")
    assert {tuple(each["announcements"]) for each in run_cli(*learned, "--json").json["differences"]} == {("lifted",)}
    assert "lifted" in run_cli(*learned).out


def test_only_the_day_of_a_cause_that_does_more_than_prolong_makes_a_row(run_cli: Run) -> None:
    """
    --- 2031/closed.toml
    announced = 2031-03-01
    effect = [{ type = "impose", measure = "closure", last_day = 2031-03-31 }]
    --- 2031/prolonged.toml
    announced = 2031-03-25
    effect = [{ type = "extend", measure = "closure", last_day = 2031-04-30 }]
    --- 2031/opened.toml
    announced = 2031-02-01
    effect = [{ type = "lift", measure = "closure" }]
    """
    bridge = "history", "bridge", "--traffic", "goods", "--direction", "north>south"
    changes = run_cli(*bridge, "--json").json["lanes"][0]["changes"]
    assert [(each["at"], each["status"]) for each in changes[-3:]] == [
        ("2031-02-01", "open"),
        ("2031-03-01", "closed"),
        ("2031-05-01", "open"),
    ]
    assert changes[-1]["announcements"] == ["prolonged"]
