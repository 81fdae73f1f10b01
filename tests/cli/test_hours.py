"""Hours and seasons, as design §5 and §8 have them: through the command line."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.test_plans import ask, say

REGISTRY = """
[dataset]
name = "A bridge and a ford"
timezone = "+00:00"
[party]
XA = { name = "Alpha", kind = "state" }
XB = { name = "Beta", kind = "state" }
[territory]
XA = { name = "Alpha", authority = "XA" }
XB = { name = "Beta", authority = "XB" }
[border]
XA-XB = { between = ["XA", "XB"], modes = ["road"], traffic = ["goods"], normally = "open" }
[crossing.ferry]
border = "XA-XB"
modes = ["road"]
traffic = ["goods"]
timezone = "+06:00"
names = { en = "The ferry" }
[measure]
ban = { title = "A ban", authority = "XA", kind = "restriction", level = "prohibited", scope = { at = ["XA-XB"] } }
leave = { title = "A leave", authority = "XB", kind = "permission", level = "permitted", scope = { at = ["XA-XB"] } }
ferry-ban = { title = "No ferry", authority = "XA", kind = "restriction", level = "prohibited", \
scope = { at = ["ferry"] } }
"""
NIGHTS = '{ type = "impose", measure = "ban", from = 2024-05-01, when = "23:00-07:00" }'
PASSED = """{ type = "passage", at = "XA-XB", mode = "road", traffic = "goods", on = 2024-05-20, origin = "XA", \
destination = "XB" }"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "registry").mkdir()
    (tmp_path / "registry" / "all.toml").write_text(REGISTRY, encoding="utf-8")
    return tmp_path


def lane(folder: Path, as_of: str, subject: str = "XA-XB", direction: str = "XA>XB") -> dict[str, Any]:
    found = ask(folder, "state", subject, "--direction", direction, "--as-of", as_of, "--json").json["lanes"]
    assert len(found) == 1
    answer: dict[str, Any] = found[0]
    return answer


def status(folder: Path, as_of: str, subject: str = "XA-XB") -> str:
    return str(lane(folder, as_of, subject)["status"])


def measure(folder: Path, as_of: str, key: str = "ban") -> str:
    return str(ask(folder, "state", key, "--as-of", as_of, "--json").json["state"])


def changes(folder: Path, subject: str, *more: str) -> list[str]:
    found = ask(folder, "history", subject, *more, "--json").json["lanes"][0]["changes"]
    return [f"{change['at']}: {change['status']}" for change in found if change["at"]]


def test_a_border_closed_at_night(folder: Path) -> None:
    say(folder, {"nights": ("2024-04-20", NIGHTS), "seen": ("2024-05-20", PASSED)})
    assert status(folder, "2024-06-01T02:00+00:00") == "closed"
    assert status(folder, "2024-06-01T12:00+00:00") == "operating"
    whole = lane(folder, "2024-06-01")
    assert (whole["status"], whole["otherwise"]) == ("restricted", "operating")
    assert whole["because"][0]["limits"] == ["23:00-07:00"]
    assert whole["because"][0]["reason"].count("23:00-07:00") == 1
    assert status(folder, "2024-04-30T23:30+00:00") == "presumed"
    assert measure(folder, "2024-06-01T02:00+00:00") == "in-force"
    assert measure(folder, "2024-06-01T12:00+00:00") == "none"


def test_nights_prolonged_stay_nights(folder: Path) -> None:
    night = NIGHTS.replace(" }", ", last_day = 2024-06-30 }")
    extended = '{ type = "extend", measure = "ban", last_day = 2024-12-31 }'
    say(folder, {"nights": ("2024-04-20", night), "seen": ("2024-05-20", PASSED), "on": ("2024-06-20", extended)})
    assert status(folder, "2024-08-01T02:00+00:00") == "closed"
    assert status(folder, "2024-08-01T12:00+00:00") == "operating"
    assert status(folder, "2025-01-01T12:00+00:00") == "unverified"  # it has lapsed


def test_nights_are_no_changes(folder: Path) -> None:
    say(folder, {"nights": ("2024-04-20", NIGHTS)})
    assert changes(folder, "XA-XB") == ["2024-05-01: restricted"]
    found = ask(folder, "diff", "2024-06-01T02:00+00:00", "2024-06-01T12:00+00:00", "--json")
    assert found.json["differences"] == []


def test_outside_its_hours_an_older_statement_counts(folder: Path) -> None:
    closed = '{ type = "impose", measure = "ban", from = 2023-01-01 }'
    lifted = '{ type = "lift", measure = "ban", from = 2023-06-01 }'
    say(folder, {"closed": ("2022-12-01", closed), "nights": ("2024-04-20", NIGHTS)})
    assert status(folder, "2024-06-01T12:00+00:00") == "closed"
    assert status(folder, "2024-06-01") == "closed"
    say(folder, {"lifted": ("2023-05-01", lifted)})
    assert status(folder, "2024-06-01T12:00+00:00") == "open"
    whole = lane(folder, "2024-06-01")
    assert (whole["status"], whole["otherwise"]) == ("restricted", "open")


def test_out_of_its_hours_it_has_not_lapsed_even_after_an_older_lapse(folder: Path) -> None:
    closed = '{ type = "impose", measure = "ban", from = 2023-01-01, last_day = 2023-06-30 }'
    say(folder, {"closed": ("2022-12-01", closed), "nights": ("2024-04-20", NIGHTS)})
    assert status(folder, "2024-04-30") == "unverified"
    assert status(folder, "2024-06-01T12:00+00:00") == "presumed"


def test_milder_hours_of_a_closed_border(folder: Path) -> None:
    closed = '{ type = "impose", measure = "ban", from = 2023-01-01 }'
    milder = '{ type = "impose", measure = "ban", level = "restricted", from = 2024-05-01, when = "10:00-12:00" }'
    say(folder, {"closed": ("2022-12-01", closed), "milder": ("2024-04-20", milder)})
    assert status(folder, "2024-06-01T11:00+00:00") == "restricted"
    assert status(folder, "2024-06-01T13:00+00:00") == "closed"
    whole = lane(folder, "2024-06-01")
    assert (whole["status"], whole["otherwise"]) == ("restricted", "closed")


def test_an_exemption_on_some_days_of_the_week(folder: Path) -> None:
    closed = '{ type = "impose", measure = "ban", from = 2023-01-01 }'
    exempt = '{ type = "exempt", measure = "ban", from = 2024-05-01, when = "Mo-Fr 08:00-18:00" }'
    say(folder, {"closed": ("2022-12-01", closed), "exempt": ("2024-04-20", exempt)})
    assert status(folder, "2024-06-03T09:00+00:00") == "open"  # a Monday
    assert status(folder, "2024-06-03T19:00+00:00") == "closed"
    monday = lane(folder, "2024-06-03")
    assert (monday["status"], monday["otherwise"]) == ("restricted", "closed")
    assert status(folder, "2024-06-02") == "closed"  # matches no hour of a Sunday


def test_a_permission_in_hours_on_a_border_that_is_not_open(folder: Path) -> None:
    path = folder / "registry" / "all.toml"
    path.write_text(REGISTRY.replace(', normally = "open"', ""), encoding="utf-8")
    leave = '{ type = "permit", measure = "leave", basis = "reported", when = "08:00-18:00" }'
    closed = '{ type = "impose", measure = "ban", from = 2024-01-01 }'
    lifted = '{ type = "lift", measure = "ban", from = 2024-03-01 }'
    say(folder, {"closed": ("2024-01-01", closed), "lifted": ("2024-03-01", lifted), "leave": ("2024-05-01", leave)})
    assert status(folder, "2024-06-01T09:00+00:00") == "open"
    assert status(folder, "2024-06-01T19:00+00:00") == "one-sided"
    whole = lane(folder, "2024-06-01")
    assert (whole["status"], whole["otherwise"]) == ("restricted", "one-sided")


def test_hours_are_those_of_the_crossing(folder: Path) -> None:
    nights = NIGHTS.replace('"ban"', '"ferry-ban"')
    say(folder, {"nights": ("2024-04-20", nights)})
    assert status(folder, "2024-06-01T18:00+00:00", "ferry") == "closed"  # midnight at the ferry
    assert status(folder, "2024-06-01T02:00+00:00", "ferry") == "presumed"
    assert status(folder, "2024-06-01T02:00+06:00", "ferry") == "closed"


ZONES = """
[dataset]
name = "A border of two time zones"
timezone = "+03:00"
[party]
XA = { name = "Alpha", kind = "state" }
XB = { name = "Beta", kind = "state" }
XC = { name = "Gamma", kind = "group" }
[territory]
XA = { name = "Alpha", authority = "XA", timezone = "+00:00" }
XB = { name = "Beta", authority = "XB", timezone = "+06:00" }
[border]
XA-XB = { between = ["XA", "XB"], modes = ["road"], traffic = ["goods"], normally = "open", crossings = "some" }
[crossing]
bridge = { border = "XA-XB", modes = ["road"], traffic = ["goods"], names = { en = "Bridge" } }
ferry = { border = "XA-XB", modes = ["road"], traffic = ["goods"], timezone = "+09:00", names = { en = "Ferry" } }
"""
RULES = {  # by measure: its authority, its place, and the offset by which its hours are read
    "of-alpha": ("XA", "bridge", "+00:00"),
    "of-beta": ("XB", "bridge", "+06:00"),
    "of-others": ("XC", "bridge", "+03:00"),  # no side is theirs
    "at-the-ferry": ("XA", "ferry", "+09:00"),
    "of-beta-on-the-border": ("XB", "XA-XB", "+06:00"),
}


@pytest.mark.parametrize("name", RULES)
def test_hours_at_a_border_of_two_zones_are_the_crossings_else_the_authoritys_sides(folder: Path, name: str) -> None:
    authority, at, offset = RULES[name]
    measures = f'[measure.{name}]\ntitle = "Nights"\nauthority = "{authority}"\nkind = "restriction"\n'
    measures += f'level = "prohibited"\nscope = {{ at = ["{at}"] }}\n'
    (folder / "registry" / "all.toml").write_text(ZONES + measures, encoding="utf-8")
    say(
        folder, {"nights": ("2024-04-20", NIGHTS.replace(" }", ', basis = "reported" }').replace('"ban"', f'"{name}"'))}
    )
    for hour, expected in (("22:30", "none"), ("23:30", "in-force"), ("06:30", "in-force"), ("07:30", "none")):
        assert measure(folder, f"2024-06-01T{hour}{offset}", name) == expected, hour


def test_an_exemption_at_a_crossing_has_the_hours_of_that_crossing(folder: Path) -> None:
    exempt = '{ type = "exempt", measure = "ban", exemption = "day", at = ["ferry"], when = "08:00-18:00" }'
    say(folder, {"a": ("2024-05-01", '{ type = "impose", measure = "ban" }'), "b": ("2024-05-02", exempt)})
    assert [status(folder, f"2024-06-01T{hour}+06:00", "ferry") for hour in ("07:30", "08:30", "17:30", "18:30")] == [
        "closed", "open", "open", "closed",
    ]  # fmt: skip


@pytest.mark.parametrize("when", ["24/7", "Mo-Su 00:00-24:00", "Jan-Dec"])
def test_law_at_all_hours_is_without_hours(folder: Path, when: str) -> None:
    always = NIGHTS.replace("23:00-07:00", when)
    say(folder, {"always": ("2024-04-20", always)})
    other = [status(folder, as_of) for as_of in ("2024-06-01", "2024-06-01T12:00+00:00", "2024-04-30")]
    rows = changes(folder, "XA-XB")
    say(folder, {"always": ("2024-04-20", always.replace(f', when = "{when}"', ""))})
    assert other == [status(folder, as_of) for as_of in ("2024-06-01", "2024-06-01T12:00+00:00", "2024-04-30")]
    assert rows == changes(folder, "XA-XB")


def test_a_season_is_edges(folder: Path) -> None:
    """The ice road of case 07, by one standing order of 2015."""
    order = '{ type = "impose", measure = "ban", from = 2015-05-01, when = "May-Oct" }'
    say(folder, {"order": ("2015-04-01", order)})
    for day in ("2017-10-05", "2018-07-01", "2024-05-01", "2035-07-01", "2099-07-01"):
        assert status(folder, day) == "closed", day
    for day in ("2016-01-15", "2018-02-01", "2024-04-30", "2035-01-01"):
        assert status(folder, day) == "presumed", day
    assert measure(folder, "2018-02-01") == "upcoming"
    assert measure(folder, "2018-07-01") == "in-force"
    rows = changes(folder, "XA-XB", "--as-of", "2030-01-01")
    assert rows[:3] == ["2015-05-01: closed", "2015-11-01: presumed", "2016-05-01: closed"]
    assert [row for row in rows if row.startswith("2039-")] == ["2039-05-01: closed", "2039-11-01: presumed"]
    effect = ask(folder, "show", "order", "--as-of", "2018-02-01", "--json").json["effects"]
    assert [(one["number"], one["from"], one["to"], one["standing"]) for one in effect] == [
        (1, "2015-05-01", None, "upcoming")
    ]


def test_a_record_without_hours_loads_no_parser(folder: Path) -> None:
    say(folder, {"closed": ("2024-05-01", '{ type = "impose", measure = "ban" }')})
    script = (
        "import sys; from tracker.cli.main import answer; "
        f"answer(['--events', {str(folder)!r}, 'state', 'XA-XB', '--as-of', '2024-06-01', '--json']); "
        "print('opening_hours' in sys.modules, file=sys.stderr)"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ran.stderr.splitlines()[-1] == "False"
