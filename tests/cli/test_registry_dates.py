"""Countries that begin and end, blocs, and authorities that change, through the command line. Design §3, §8 and §9."""

import sqlite3
from datetime import date
from pathlib import Path

import pytest

import tracker
from tests.cli.conftest import Ran, run
from tests.state.dated import said, world
from tests.state.test_blocs import BAN, IMPOSED, REGISTRY, on

TERRITORIES = """
[dataset]
id = "test"
name = "Countries that begin, end and change their names"
timezone = "+02:00"
[party]
SD = { name = "Sudan", kind = "state" }
SS = { name = "South Sudan", kind = "state", from = 2011-07-09, succeeds = "SD" }
[territory]
SD = { name = "Sudan", authority = "SD", transit = "open" }
SS = { name = "South Sudan", authority = "SS", from = 2011-07-09, succeeds = "SD" }
[border]
SD-SS = { between = ["SD", "SS"], modes = ["road"], normally = "open"%s }
[measure]
sd-oil-embargo = { title = "x", authority = "SD", kind = "restriction", level = "prohibited", \
scope = { at = ["SD"], regime = "export", goods = ["2709"] } }
ss-border-closure = { title = "x", authority = "SS", kind = "restriction", level = "prohibited", \
scope = { at = ["SD-SS"] } }
"""
EMBARGO = said("1997-11-03", "SD", 'type = "impose", measure = "sd-oil-embargo"')
TOO_EARLY = said("2005-01-01", "SS", 'type = "impose", measure = "ss-border-closure", last_day = 2005-12-31')


@pytest.fixture
def sudan(tmp_path: Path) -> Path:
    world(tmp_path / "events", TERRITORIES % ", last_day = 2019-12-31", EMBARGO)
    return tmp_path / "events"


def ask(folder: Path, *args: str) -> Ran:
    ran = run("--events", str(folder), *args)
    assert ran.code == 0, ran.err
    return ran


def test_a_border_is_not_there_before_its_territories(tmp_path: Path) -> None:
    world(tmp_path, TERRITORIES % "", EMBARGO, TOO_EARLY)
    before = ask(tmp_path, "state", "SD-SS", "--as-of", "2010-01-01", "--json").json
    assert before["lanes"] == []
    assert before["exists"] == {"from": "2011-07-09", "until": None, "last_day": None, "succeeds": None}
    assert "does not exist" in ask(tmp_path, "state", "SD-SS", "--as-of", "2010-01-01").out
    assert "does not exist: exists from 2011-07-09" in ask(tmp_path, "why", "SD-SS", "--as-of", "2010-01-01").out
    after = ask(tmp_path, "state", "SD-SS", "--as-of", "2011-07-09", "--json").json
    assert len(after["lanes"]) == 4
    assert {lane["since"] for lane in after["lanes"]} == {"2011-07-09"}
    every = ask(tmp_path, "state", "--as-of", "2010-01-01", "--json").json
    assert [answer["subject"] for answer in every] == ["sd-oil-embargo", "ss-border-closure"]


def test_an_act_of_a_party_before_its_life_is_questioned(tmp_path: Path) -> None:
    world(tmp_path, TERRITORIES % "", EMBARGO, TOO_EARLY)
    ran = run("check", str(tmp_path))
    assert ran.code == 0
    assert "2005/a1.toml:2: warning: announced on 2005-01-01, and SS exists from 2011-07-09" in ran.out
    assert "2005/a1.toml:3: warning: SD-SS exists from 2011-07-09, and not at the time of this effect" in ran.out


def test_an_id_for_two_countries_is_refused(tmp_path: Path) -> None:
    twice = (TERRITORIES % "").replace("[territory]", '[party.SD]\nname = "x"\nkind = "state"\n[territory]', 1)
    world(tmp_path / "a", TERRITORIES % "")
    (tmp_path / "a/registry/all.toml").write_text(twice, encoding="utf-8")
    ran = run("check", str(tmp_path / "a"))
    assert ran.code == 1
    assert "stands twice in this file" in ran.out + ran.err


def test_history_and_differences_have_a_life_from_end_to_end(sudan: Path) -> None:
    [lane, *_] = ask(sudan, "history", "SD-SS", "--json").json["lanes"]
    assert [(row["at"], row["until"]) for row in lane["changes"]] == [("2011-07-09", "2020-01-01")]
    for first, second, before, after in (
        ("2011-07-08", "2011-07-09", "does not exist", "presumed"),
        ("2019-12-31", "2020-01-01", "presumed", "does not exist"),
    ):
        rows = ask(sudan, "diff", first, second, "--json").json["differences"]
        assert {(row["subject"], row["before"], row["after"]) for row in rows} == {("SD-SS", before, after)}
    assert ask(sudan, "diff", "2015-01-01", "2016-01-01", "--json").json["differences"] == []
    rows = ask(sudan, "changes", "--from", "2011-01-01", "--to", "2021-01-01", "--json").json
    assert {(row["at"], row["before"], row["after"]) for row in rows} == {
        ("2011-07-09", "does not exist", "presumed"),
        ("2020-01-01", "presumed", "does not exist"),
    }


def test_no_way_leads_over_what_does_not_exist(sudan: Path) -> None:
    ways = {
        day: ask(sudan, "routes", "SD", "SS", "--as-of", day, "--json").json["routes"]
        for day in ("2010-01-01", "2015-01-01", "2021-01-01")
    }
    assert [len(routes) for routes in ways.values()] == [0, 1, 0]
    opened = ask(sudan, "routes", "SD", "SS", "--opened", "--as-of", "2021-01-01", "--json").json["changes"]
    assert [row["at"] for row in opened] == ["2011-07-09"]
    assert ask(sudan, "needs", "SD-SS", "--as-of", "2010-01-01", "--json").json["lanes"] == []


def test_views_have_intervals_of_the_life_alone(sudan: Path, tmp_path: Path) -> None:
    store = tmp_path / "a.db"
    assert run("--store", f"sqlite:///{store}", "load", str(sudan)).code == 0
    assert run("--store", f"sqlite:///{store}", "rebuild").code == 0
    select = "SELECT DISTINCT status, valid_from, valid_to FROM v_status_interval WHERE subject = 'SD-SS'"
    with sqlite3.connect(store) as connection:
        rows = connection.execute(select).fetchall()
    assert rows == [("presumed", "2011-07-08 22:00:00.000000", "2019-12-31 22:00:00.000000")]
    stored = run("--store", f"sqlite:///{store}", "state", "SD-SS", "--as-of", "2010-01-01", "--json")
    assert stored.json["lanes"] == []


def test_a_panel_has_no_row_of_what_does_not_exist(sudan: Path) -> None:
    pytest.importorskip("pyarrow")
    table = tracker.open(sudan).panel("2011-07-07", "2011-07-10").to_arrow()
    assert table.column("day").to_pylist() == [date(2011, 7, 9)] * 4 + [date(2011, 7, 10)] * 4


@pytest.mark.parametrize(
    ("day", "causes"),
    [("2020-12-31T22:00:00+00:00", ["ban"]), ("2020-12-31T23:30:00+00:00", [None])],
)
def test_a_ban_of_a_bloc_on_a_member_that_left(tmp_path: Path, day: str, causes: list[str | None]) -> None:
    world(tmp_path, REGISTRY + BAN, IMPOSED)
    args = ("why", "FR-GB", "--direction", "GB>FR", "--traffic", "goods", "--as-of", day, "--json")
    [lane] = ask(tmp_path, *args).json["lanes"]
    assert [cause["measure"] for cause in lane["because"] if cause["place"] == "GB"] == causes
    state = ask(tmp_path, "state", "ban", "--as-of", day, "--json").json
    assert state["state"] == "in-force"  # for the others, before and after


def test_an_export_licence_of_a_bloc_does_not_reach_its_members(tmp_path: Path) -> None:
    world(tmp_path, REGISTRY + on("export"), IMPOSED)
    for day in ("2005-01-01", "2022-01-01"):
        [lane] = ask(
            tmp_path, "state", "DE-FR", "--mode", "road", "--traffic", "goods", "--direction", "DE>FR", "--as-of", day,
            "--json",
        ).json["lanes"]  # fmt: skip
        assert (lane["status"], lane["except"]) == ("presumed", [])


CHARGES = """
[dataset]
id = "test"
name = "A pass"
timezone = "+00:00"
[party]
old = { name = "The republic", kind = "state" }
new = { name = "The movement", kind = "de-facto-authority" }
east = { name = "East", kind = "state" }
[territory]
W = { name = "West", authority = [{ party = "old" }, { party = "new", from = 2021-07-14 }] }
E = { name = "East", authority = "east" }
[border]
E-W = { between = ["E", "W"], modes = ["road"], normally = "open", crossings = "all" }
[crossing.gate]
names = { en = "The gate" }
border = "E-W"
modes = ["road"]
last_day = 2021-12-31
[measure]
bar = { title = "x", authority = "old", kind = "restriction", level = "prohibited", \
scope = { at = ["W"], regime = "import" } }
"""


def ahead(folder: Path, subject: str, direction: str, day: str) -> list[tuple[str, str, str]]:
    args = ("--direction", direction, "--traffic", "goods", "--mode", "road", "--as-of", day, "--json")
    [lane] = ask(folder, "state", subject, *args).json["lanes"]
    assert all(row["announcement"] is None for row in lane["upcoming"])
    return [(row["at"], row["status"], row["change"]) for row in lane["upcoming"]]


def test_what_comes_by_dates_of_the_registry_is_upcoming(tmp_path: Path) -> None:
    world(tmp_path / "pass", CHARGES, said("2020-01-01", "old", 'type = "impose", measure = "bar"'))
    gone = "The gate exists through 2021-12-31"
    assert ahead(tmp_path / "pass", "E-W", "E>W", "2021-07-13") == [
        ("2021-07-14", "presumed", "The movement takes charge of West"),
        ("2022-01-01", "unready", gone),
    ]
    assert ahead(tmp_path / "pass", "E-W", "E>W", "2021-07-14") == [("2022-01-01", "unready", gone)]
    rows = ask(tmp_path / "pass", "history", "E-W", "--direction", "E>W", "--traffic", "goods", "--json").json
    assert rows["lanes"][0]["changes"][-2]["reason"].endswith(" (The movement takes charge of West)")
    shown = ask(tmp_path / "pass", "why", "E-W", "--as-of", "2021-07-14").out
    assert f"2022-01-01: unready ({gone})" in shown
    world(tmp_path / "union", REGISTRY + BAN.replace('["EU"]', '["EU"], regime = "import", modes = ["road"]'), IMPOSED)
    assert ahead(tmp_path / "union", "CH-DE", "CH>DE", "1999-06-01") == [
        ("2000-01-01", "restricted", "Germany joins the A union; Germany joins the A wider one"),
    ]
    assert ahead(tmp_path / "union", "CH-DE", "CH>DE", "2000-01-01") == []
