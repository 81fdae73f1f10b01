"""Adjudged cases: since when a measure is as it is, and days in awkward time zones."""

from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Ran, run

UNION = """
[dataset]
name = "Duties, suspended and suspended again"
timezone = "Europe/Brussels"
[party]
EU = { name = "Union", kind = "organisation" }
US = { name = "United States", kind = "state" }
[territory]
EU = { name = "Customs territory of the Union", authority = "EU" }
US = { name = "United States", authority = "US" }
[border]
EU-US = { between = ["EU", "US"], modes = ["sea"], traffic = ["goods"], normally = "open" }
[measure.duties]
title = "Additional duties"
authority = "EU"
kind = "restriction"
level = "restricted"
scope = { at = ["EU"], regime = "import", traffic = ["goods"], origin = ["US"], goods = ["8711", "2208"] }
"""
DUTIES = {
    "imposed": ("EU", "2018-06-20", 'type = "impose", measure = "duties", from = 2018-06-22'),
    "suspended": ("EU", "2021-11-24", 'type = "lift", measure = "duties", from = 2022-01-01, last_day = 2023-12-31'),
    "prolonged": ("EU", "2023-12-19", 'type = "lift", measure = "duties", from = 2024-01-01, last_day = 2025-03-31'),
    "again": ("EU", "2025-03-26", 'type = "lift", measure = "duties", from = 2025-04-01, last_day = 2025-04-14'),
}
PROGRAMME = """
[dataset]
name = "A designation whose entry is amended"
timezone = "America/New_York"
[party]
US = { name = "United States", kind = "state" }
SY = { name = "Syria", kind = "state" }
[territory]
US = { name = "United States", authority = "US" }
SY = { name = "Syria", authority = "SY" }
[border]
SY-US = { between = ["SY", "US"], modes = ["sea"], traffic = ["goods"], normally = "open" }
[measure.designation]
title = "Designation of company No. 1"
authority = "US"
kind = "restriction"
level = "prohibited"
scope = { at = ["SY-US"], only = ["company No. 1"] }
"""
DESIGNATED = {
    "designated": ("US", "2012-05-01", 'type = "impose", measure = "designation"'),
    "amended": ("US", "2024-09-13", 'type = "impose", measure = "designation"'),
}
BANKS = """
[dataset]
name = "Two lands"
timezone = "{zone}"
[party]
XA = {{ name = "Ayland", kind = "state" }}
XB = {{ name = "Beeland", kind = "state" }}
[territory]
XA = {{ name = "Ayland", authority = "XA" }}
XB = {{ name = "Beeland", authority = "XB" }}
[border]
XA-XB = {{ between = ["XA", "XB"], modes = ["road"], traffic = ["goods"], normally = "open" }}
[measure]
ban = {{ title = "A ban", authority = "XA", kind = "restriction", level = "prohibited", scope = {{ at = ["XA-XB"] }} }}
"""


class Case:
    """A folder of files, asked through the command line."""

    def __init__(self, folder: Path, registry: str, statements: dict[str, tuple[str, str, str]]) -> None:
        self._folder = folder
        (folder / "registry").mkdir(parents=True)
        (folder / "registry" / "all.toml").write_text(registry, encoding="utf-8")
        for name, (party, announced, effect) in statements.items():
            year = folder / announced[:4]
            year.mkdir(exist_ok=True)
            text = (
                f'announced = {announced}\nsummary = "Words."\nby = [{{ party = "{party}" }}]\n'
                f'source = [{{ publisher = "Gazette" }}]\neffect = [{{ {effect} }}]\n'
            )
            (year / f"{name}.toml").write_text(text, encoding="utf-8")

    def __call__(self, *arguments: str) -> Ran:
        return run("--events", str(self._folder), *arguments)

    def state(self, subject: str, as_of: str, *arguments: str) -> Any:
        ran = self("state", subject, "--as-of", as_of, *arguments, "--json")
        assert ran.code == 0, ran.err
        return ran.json

    def check(self) -> str:
        return run("check", str(self._folder)).out


@pytest.fixture
def duties(tmp_path: Path) -> Case:
    return Case(tmp_path / "events", UNION, DUTIES)


@pytest.mark.parametrize(
    ("day", "state", "since", "decided"),
    [
        ("2018-06-19", "none", None, None),
        ("2018-06-21", "upcoming", None, "2018-06-20"),
        ("2018-06-22", "in-force", "2018-06-22", "2018-06-20"),
        ("2021-12-31", "in-force", "2018-06-22", "2018-06-20"),
        ("2022-01-01", "lifted", "2022-01-01", "2021-11-24"),
        ("2024-01-01", "lifted", "2022-01-01", "2023-12-19"),
        ("2025-04-14", "lifted", "2022-01-01", "2025-03-26"),
        ("2025-04-15", "in-force", "2025-04-15", "2025-03-26"),
    ],
)
def test_a_suspension_of_a_suspension(
    duties: Case, day: str, state: str, since: str | None, decided: str | None
) -> None:
    answer = duties.state("duties", day)
    assert (answer["state"], answer["since"], answer["decided"]) == (state, since, decided)


def test_before_the_suspension_was_prolonged_the_duties_were_to_be_there_again(duties: Case) -> None:
    assert duties.state("duties", "2024-01-01", "--announced-by", "2023-12-18")["state"] == "in-force"


def test_duties_on_some_goods_stand_beside_the_status_until_they_are_asked_for(duties: Case) -> None:
    def towards_the_union(*arguments: str) -> Any:
        return duties.state("EU-US", "2025-05-01", "--direction", "US>EU", *arguments)["lanes"][0]

    assert [cause["measure"] for cause in towards_the_union()["except"]] == ["duties"]
    assert towards_the_union()["status"] == "presumed"
    for more in ((), ("--destination", "EU")):
        lane = towards_the_union("--goods", "8711", *more)
        assert (lane["status"], lane["since"], lane["except"]) == ("restricted", "2025-04-15", [])
    assert duties.check().splitlines()[-1].split(": ")[1].startswith("0 errors, 0 warnings")


def test_prolongations_make_no_row(duties: Case) -> None:
    changes = duties("history", "duties", "--json").json["changes"]
    assert [(change["at"], change["until"], change["status"]) for change in changes] == [
        ("2018-06-22", "2022-01-01", "in-force"),
        ("2022-01-01", "2025-04-15", "lifted"),
        ("2025-04-15", None, "in-force"),
    ]
    assert changes[1]["announcements"] == ["suspended", "prolonged", "again"]


def test_an_amended_entry_moves_nothing_but_the_latest_decision(tmp_path: Path) -> None:
    case = Case(tmp_path / "events", PROGRAMME, DESIGNATED)
    before, after = (case.state("designation", day) for day in ("2024-09-12", "2024-09-13"))
    assert (before["since"], before["decided"]) == ("2012-05-01", "2012-05-01")
    assert (after["since"], after["decided"]) == ("2012-05-01", "2024-09-13")
    assert len(case("history", "designation", "--json").json["changes"]) == 1
    [lane] = case("history", "SY-US", "--direction", "SY>US", "--json").json["lanes"]
    assert [change["at"] for change in lane["changes"]] == [None, "2012-05-01"]


def test_only_a_lift_to_come_is_no_upcoming_measure(tmp_path: Path) -> None:
    case = Case(tmp_path / "events", BANKS.format(zone="+04:00"), {
        "lifted": ("XA", "2031-01-01", 'type = "lift", measure = "ban", from = 2031-06-01'),
    })  # fmt: skip
    assert case.state("ban", "2031-02-01")["state"] == "none"
    assert case.state("ban", "2031-06-01")["state"] == "lifted"


def test_what_was_announced_later_was_not_upcoming(tmp_path: Path) -> None:
    case = Case(tmp_path / "events", BANKS.format(zone="+04:00"), {
        "banned": ("XA", "2031-03-01", 'type = "impose", measure = "ban", from = 2031-04-01'),
    })  # fmt: skip
    for day, state in (("2031-02-28", "none"), ("2031-03-01", "upcoming"), ("2031-04-01", "in-force")):
        assert case.state("ban", day)["state"] == state
        upcoming = case.state("XA-XB", day)["lanes"][0]["upcoming"]
        assert [change["announcement"] for change in upcoming] == (["banned"] if state == "upcoming" else [])


PERIODS = {
    "Europe/Paris": 'type = "impose", measure = "ban", from = 2022-01-01, last_day = 2022-03-31',
    "Pacific/Apia": 'type = "impose", measure = "ban", from = 2011-12-29, last_day = 2011-12-31',
    "Africa/Monrovia": 'type = "impose", measure = "ban", from = 1960-05-01T12:00:00+00:00, '
    "until = 1971-05-01T12:00:00+00:00",
    "Europe/Budapest": 'type = "impose", measure = "ban", from = 1880-05-01',
    "Asia/Beirut": 'type = "impose", measure = "ban", from = 2023-03-26, last_day = 2023-03-26',
    "America/New_York": 'type = "impose", measure = "ban", from = 2024-02-29, last_day = 2028-02-29',
}


@pytest.mark.parametrize(
    ("zone", "as_of", "state"),
    [
        ("Europe/Paris", "2022-03-31", "in-force"),
        ("Europe/Paris", "2022-04-01T00:00:00+02:00", "lapsed"),
        ("Pacific/Apia", "2011-12-29T10:00:00Z", "in-force"),
        ("Pacific/Apia", "2011-12-31T09:59:59Z", "in-force"),
        ("Pacific/Apia", "2011-12-31T10:00:00Z", "lapsed"),
        ("Europe/Budapest", "1880-05-01", "in-force"),
        ("Asia/Beirut", "2023-03-26", "in-force"),
        ("Asia/Beirut", "2023-03-27", "lapsed"),
        ("America/New_York", "2024-02-29", "in-force"),
        ("America/New_York", "2028-02-29", "in-force"),
        ("America/New_York", "2028-03-01", "lapsed"),
    ],
)
def test_days_are_local(tmp_path: Path, zone: str, as_of: str, state: str) -> None:
    case = Case(tmp_path / "events", BANKS.format(zone=zone), {"banned": ("XA", "1850-01-01", PERIODS[zone])})
    assert case.state("ban", as_of)["state"] == state


@pytest.mark.parametrize("zone", PERIODS)
def test_every_printed_instant_can_be_asked_for_again(tmp_path: Path, zone: str) -> None:
    case = Case(tmp_path / "events", BANKS.format(zone=zone), {"banned": ("XA", "1850-01-01", PERIODS[zone])})
    changes = case("history", "ban", "--json").json["changes"]
    for change in changes:
        answer = case.state("ban", change["at"])
        assert (answer["state"], answer["since"]) == (change["status"], change["at"])
    assert changes[0]["at"] == {"Europe/Budapest": "1880-05-01", "Africa/Monrovia": "1960-05-01T11:15:30-00:44:30"}.get(
        zone, changes[0]["at"]
    )


@pytest.mark.parametrize(
    ("period", "words"),
    [
        ("from = 2011-12-30, last_day = 2011-12-30", "2011-12-30 did not exist in Pacific/Apia"),
        ("from = 2022-01-01, until = 2022-04-01", "2022-04-01 is a day, not an instant"),
    ],
)
def test_a_period_without_any_time_is_refused_in_its_own_words(tmp_path: Path, period: str, words: str) -> None:
    files = {"banned": ("XA", "1850-01-01", f'type = "impose", measure = "ban", {period}')}
    case = Case(tmp_path / "events", BANKS.format(zone="Pacific/Apia"), files)
    assert words in case.check()
