"""Adjudged cases about texts: what rests on a text that has ended; parts, provisional application; ids used twice."""

from pathlib import Path

import pytest

from tests.cli.test_cases import DESIGNATED, PROGRAMME, Case

BASED = (
    PROGRAMME.replace('level = "prohibited"\n', 'level = "prohibited"\nunder = "order"\n')
    + """
[measure.embargo]
title = "Embargo under the order"
authority = "US"
kind = "restriction"
level = "prohibited"
under = "order"
scope = { at = ["SY-US"] }
[instrument.order]
title = "The order (authority to designate)"
parties = ["US"]
"""
)
ORDER = {
    "order": ("US", "2011-08-18", 'type = "stage", instrument = "order", stage = "in-force"'),
    "embargo": ("US", "2011-08-18", 'type = "impose", measure = "embargo"'),
    "terminated": ("US", "2025-06-30", 'type = "stage", instrument = "order", stage = "terminated"'),
}
ACTS = """
[dataset]
name = "Texts that begin in parts"
timezone = "Africa/Johannesburg"
[party]
ZA = { name = "South Africa", kind = "state" }
EU = { name = "European Union", kind = "organisation" }
LV = { name = "Latvia", kind = "state" }
[territory]
ZA = { name = "South Africa", authority = "ZA" }
[instrument]
act = { title = "Amendment Act", parties = ["ZA"] }
trade = { title = "Trade agreement", parties = ["EU", "LV"] }
"""
STAGES = {
    "adopted": ("ZA", "1977-03-18", 'type = "stage", instrument = "act", stage = "adopted"'),
    "first": ("ZA", "1977-06-10", 'type = "stage", instrument = "act", stage = "partly-in-force"'),
    "second": ("ZA", "1977-12-01", 'type = "stage", instrument = "act", stage = "partly-in-force"'),
    "signed": ("EU", "2016-10-30", 'type = "stage", instrument = "trade", stage = "signed"'),
    "latvia": ("LV", "2017-02-23", 'type = "stage", instrument = "trade", stage = "ratified", party = "LV"'),
    "provisional": (
        "EU", "2017-09-16", 'type = "stage", instrument = "trade", stage = "provisionally-applied", on = 2017-09-21'
    ),
}  # fmt: skip


def test_what_stood_under_a_text_that_has_ended_stays_in_force_and_is_reported(tmp_path: Path) -> None:
    case = Case(tmp_path / "events", BASED, DESIGNATED | ORDER)
    for measure, since in (("designation", "2012-05-01"), ("embargo", "2011-08-18")):
        answer = case.state(measure, "2025-07-01")
        assert (answer["state"], answer["since"]) == ("in-force", since)
        assert f"order is terminated, and {measure}, under it, is in force without a word on it since" in case.check()
    assert case.state("order", "2025-07-01")["stage"] == "terminated"


def test_nothing_is_reported_while_the_text_stands(tmp_path: Path) -> None:
    case = Case(tmp_path / "events", BASED, DESIGNATED | {key: ORDER[key] for key in ("order", "embargo")})
    assert "under it" not in case.check()


@pytest.mark.parametrize(
    ("text", "day", "stage", "since"),
    [
        ("act", "1977-04-01", "adopted", "1977-03-18"),
        ("act", "1977-07-01", "partly-in-force", "1977-06-10"),
        ("act", "1978-01-01", "partly-in-force", None),
        ("trade", "2017-09-20", "signed", "2016-10-30"),
        ("trade", "2017-09-21", "provisionally-applied", "2017-09-21"),
        ("trade", "2024-01-01", "provisionally-applied", "2017-09-21"),
    ],
)
def test_a_part_or_a_trial_is_not_in_force(tmp_path: Path, text: str, day: str, stage: str, since: str | None) -> None:
    answer = Case(tmp_path / "events", ACTS, STAGES).state(text, day)
    assert answer["stage"] == stage
    assert since is None or answer["since"] == since


def test_one_party_ratifies_for_itself(tmp_path: Path) -> None:
    answer = Case(tmp_path / "events", ACTS, STAGES).state("trade", "2017-09-20")
    assert answer["by_party"] == {"LV": "ratified"}


def test_an_id_that_is_used_again_is_refused(tmp_path: Path) -> None:
    again = ACTS.replace(
        "[instrument]", '[party.CS]\nname = "One"\nkind = "state"\n[party.CS]\nname = "Other"\n[instrument]'
    )
    case = Case(tmp_path / "events", again, {})
    assert "all.toml:" in case.check()
    assert case("state").code == 1
