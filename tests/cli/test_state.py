"""`tracker state`: one row for lanes that agree, the clocks in the title, the contract in JSON."""

from pathlib import Path

import pytest
from freezegun import freeze_time

from tests.cli.conftest import Run

LANE = {
    "mode", "traffic", "direction", "status", "severity", "otherwise", "but_for", "through", "since", "uncertain",
    "disputed", "because", "except", "formalities", "exposure", "readiness", "passages",
    "upcoming", "pledges", "stale_days", "reason",
}  # fmt: skip
CAUSE = {
    "place", "authority", "level", "basis", "measure", "announcement", "since", "until", "limits", "amount",
    "unit", "hours", "until_event", "lapsed", "required", "unverified", "reason",
}  # fmt: skip
CLOCKS = {"as_of", "announced_by", "recorded_by"}
COMMON = {"subject", "kind", "name", "covers_until", *CLOCKS}


@freeze_time("2031-03-31 19:30")
def test_an_exemption_covers_its_last_day(run_cli: Run) -> None:
    """
    announced = 2031-03-20
    [[effect]]
    type = "exempt"
    measure = "closure"
    last_day = 2031-03-31
    only = ["humanitarian aid only"]
    """
    assert run_cli("state", "bridge").status == "restricted"


@freeze_time("2031-04-01 00:30")
def test_an_exemption_has_ended_on_the_day_after(run_cli: Run) -> None:
    """
    announced = 2031-03-20
    [[effect]]
    type = "exempt"
    measure = "closure"
    last_day = 2031-03-31
    only = ["humanitarian aid only"]
    """
    assert run_cli("state", "bridge").status == "closed"


@freeze_time("2031-04-01 12:00")
def test_the_default_date_is_today(run_cli: Run) -> None:
    assert run_cli("state", "bridge", "--json").json["as_of"] == "2031-04-01"


def test_a_class_that_an_exemption_names_may_pass(run_cli: Run) -> None:
    """
    announced = 2031-03-20
    [[effect]]
    type = "exempt"
    measure = "closure"
    only = ["humanitarian aid only"]
    """
    asked = ("state", "bridge", "--as-of", "2031-03-21", "--only")
    assert run_cli(*asked, "humanitarian aid").status == "open"
    assert run_cli(*asked, "flowers").status == "restricted"


def test_lanes_that_agree_are_one_row(run_cli: Run) -> None:
    out = run_cli("state", "north-south", "--as-of", "2030-06-01").out
    assert "all lanes (road+rail · goods+people)" in out
    assert out.count("closed") == 1


def test_a_lane_that_differs_has_its_own_row(run_cli: Run) -> None:
    """
    announced = 2031-03-20
    [[effect]]
    type = "exempt"
    measure = "closure"
    only = ["humanitarian aid only"]
    modes = ["road"]
    traffic = ["goods"]
    direction = "north>south"
    """
    out = run_cli("state", "north-south", "--as-of", "2031-03-21").out
    assert "road · goods · north>south" in out
    assert out.count("restricted") == 1
    assert out.count("closed") == 2
    assert out.count("closed but for humanitarian aid") == 1


def test_a_question_about_some_lanes_does_not_call_them_all(run_cli: Run) -> None:
    out = run_cli("state", "north-south", "--mode", "rail", "--as-of", "2030-06-01").out
    assert "all lanes" not in out
    assert "rail · goods+people · both ways" in out


def test_the_title_names_the_three_clocks(run_cli: Run) -> None:
    out = run_cli("state", "--as-of", "2030-06-01", "--announced-by", "2030-05-01", "--recorded-by", "20").out
    assert "as of 2030-06-01 · announced by 2030-05-01 · recorded by 20" in out.splitlines()[0]


def test_doubt_stands_beside_the_status_in_words(run_cli: Run) -> None:
    """
    --- 2031/press-says-lifted.toml
    announced = 2031-03-20
    status = "unverified"
    by = [{ party = "press" }]
    [[effect]]
    type = "lift"
    measure = "closure"
    from = "[2031-03-01..2031-03-20]"
    basis = "reported"
    --- 2031/northland-denies.toml
    announced = 2031-03-22
    [[relation]]
    type = "denies"
    announcement = "press-says-lifted"
    """
    early = run_cli("state", "bridge", "--as-of", "2031-03-10").out
    assert "closed" in early
    assert "[uncertain: may be open (2031-03-01..20)]" in early
    late = " ".join(run_cli("state", "bridge", "--as-of", "2031-03-25").out.replace("The bridge", "").split())
    assert "[as reported (north)]" in late
    assert "[source unverified (north)]" in late
    assert "[disputed by northland-denies]" in late


def test_one_subject_is_an_object_several_or_none_are_a_list(run_cli: Run) -> None:
    assert run_cli("state", "bridge", "--json").json["subject"] == "bridge"
    assert [each["subject"] for each in run_cli("state", "bridge", "treaty", "--json").json] == ["bridge", "treaty"]
    everything = run_cli("state", "--json").json
    assert [each["kind"] for each in everything] == [
        "border",
        "crossing",
        "corridor",
        "measure",
        "measure",
        "instrument",
    ]
    assert run_cli("state", "--kind", "instrument", "--json").json[0]["subject"] == "treaty"


def test_the_contract_of_a_state_with_lanes(run_cli: Run) -> None:
    """
    announced = 2031-03-20
    [[effect]]
    type = "pledge"
    pledge = "open-it"
    kind = "offer"
    parties = ["north"]
    at = ["bridge"]
    text = "Open it."
    [[effect]]
    type = "readiness"
    at = "bridge"
    party = "north"
    modes = ["road"]
    state = "ready"
    [[effect]]
    type = "lift"
    measure = "closure"
    from = 2031-05-01
    """
    found = run_cli("state", "bridge", "--as-of", "2031-04-01", "--json").json
    assert found.keys() == {*COMMON, "lanes", "control"}
    assert {found["as_of"], found["announced_by"], found["recorded_by"]} == {"2031-04-01", None}
    lane = found["lanes"][0]
    assert lane.keys() == LANE
    assert lane["direction"] == "north>south"
    assert lane["because"][0].keys() == CAUSE
    assert lane["passages"].keys() == {
        "count", "first", "last", "quantity", "announcements", "none_reported", "since", "before",
    }  # fmt: skip
    assert lane["readiness"][0].keys() == {"place", "party", "mode", "state", "basis", "announcement", "since"}
    assert lane["upcoming"][0].keys() == {
        "at", "event", "status", "measure", "change", "announcement", "announced",
    }  # fmt: skip
    assert lane["pledges"][0]["pledge"] == "open-it"


def test_the_contract_of_uncertainty(run_cli: Run) -> None:
    """
    announced = 2031-03-20
    [[effect]]
    type = "lift"
    measure = "closure"
    from = "[2031-03-01..2031-03-20]"
    """
    found = run_cli("state", "bridge", "--as-of", "2031-03-10", "--json").json["lanes"][0]["uncertain"]
    assert found == {"alternative": "open", "from": "2031-03-01", "to": "2031-03-20"}


def test_the_contract_of_a_measure(run_cli: Run) -> None:
    found = run_cli("state", "closure", "--as-of", "2030-06-01", "--json").json
    assert found.keys() == {
        *COMMON, "authority", "state", "level", "limits", "since", "decided", "until", "uncertain", "disputed",
        "basis", "announcement", "unverified", "reason", "amount", "unit", "amount_since", "hours", "exemptions",
        "waiting", "until_event", "applied_from", "under", "nomenclature", "ids",
    }  # fmt: skip
    assert (found["state"], found["level"], found["announcement"]) == ("in-force", "prohibited", "northland-closes")


def test_the_contract_of_an_instrument(run_cli: Run) -> None:
    found = run_cli("state", "treaty", "--json").json
    assert found.keys() == {
        *COMMON, "stage", "by_party", "since", "uncertain", "announcement", "parties", "pledges", "reason",
        "unverified", "ids",
    }  # fmt: skip
    assert found["stage"] is None


def test_subjects_go_by_their_names_too(run_cli: Run) -> None:
    assert run_cli("state", "long bridge", "--json").json["subject"] == "bridge"


@pytest.mark.parametrize(
    ("asked", "there"),
    [
        (("bridge", "--direction", "nroth>south"), "direction: north>south, south>north"),
        (("bridge", "--mode", "rail"), "mode: road"),
        (("great-road", "--traffic", "people", "--mode", "air"), "mode: road; traffic: goods"),
        (("--direction", "south>east"), "direction: north>south, south>north"),
        (("closure", "--mode", "road"), "mode: none, as it has no lanes"),
    ],
)
def test_a_lane_that_there_is_not_gets_an_error_that_names_those_there_are(
    run_cli: Run, asked: tuple[str, ...], there: str
) -> None:
    for command in ("state", "history"):
        ran = run_cli(command, *asked)
        assert (ran.code, ran.out) == (2, "")
        assert f"has no lane like the one asked for: choose among what there is, {there}\n" in ran.err


def test_a_direction_may_name_its_territories(run_cli: Run) -> None:
    lanes = run_cli("state", "bridge", "--direction", "Northland > SOUTHLAND", "--json").json["lanes"]
    assert {lane["direction"] for lane in lanes} == {"north>south"}


def test_a_filter_that_nothing_meets_is_no_error(run_cli: Run) -> None:
    ran = run_cli("state", "--status", "operating")
    assert ran.code == 0
    assert "Nothing matches." in ran.out


def test_the_whole_record_fits_every_width(real: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for width in (80, 120, 160):
        monkeypatch.setenv("COLUMNS", str(width))
        ran = real("state", "--as-of", "2025-10-28")
        assert ran.code == 0
        assert max(len(line) for line in ran.out.splitlines()) <= width
        assert "…" not in ran.out
        assert not [line for line in ran.out.splitlines() if line.endswith(" ")]
        for name in ("tr-am-az", "az-transit-bar", "am-az-peace-agreement", "margara", "AM-TR"):
            assert name in ran.out


@pytest.mark.parametrize("width", [60, 80, 100])
def test_a_list_writes_a_cell_of_several_lines_on_one(real: Run, monkeypatch: pytest.MonkeyPatch, width: int) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    ran = real("state", "AM-GE", "--as-of", "2021-07-01")
    assert "restricted: closed but for" in " ".join(ran.out.split())
    assert ":;" not in ran.out


def test_a_question_may_name_where_goods_come_from_and_go(real: Run) -> None:
    lane = ("state", "AZ-RU", "--mode", "road", "--traffic", "goods", "--direction", "AZ>RU", "--as-of", "2020-12-25")
    [whole] = real(*lane, "--json").json["lanes"]
    apples = "ru-azerbaijani-apples-ban-2020"
    assert (whole["status"], apples in [cause["measure"] for cause in whole["except"]]) == ("presumed", True)
    [asked] = real(*lane, "--goods", "080810", "--destination", "Russia", "--json").json["lanes"]
    assert (asked["status"], asked["because"][0]["measure"], asked["except"]) == ("closed", apples, [])
    assert real(*lane, "--destination", "Atlantis").code == 2


def test_a_date_after_what_the_coders_covered_says_up_to_when_the_record_goes(dataset: Path, run_cli: Run) -> None:
    registry = dataset / "registry" / "all.toml"
    text = registry.read_text()
    registry.write_text(text.replace("[dataset]\n", "[dataset]\ncovers_until = 2031-03-31\n"))
    for command in (("state", "bridge"), ("state", "closure"), ("why", "bridge"), ("why", "treaty")):
        late, early = ((*command, "--as-of", day) for day in ("2031-04-01", "2031-03-31"))
        assert run_cli(*late, "--json").json["covers_until"] == "2031-03-31"
        assert "record up to 2031-03-31" in " ".join(run_cli(*late).out.split())
        assert run_cli(*early, "--json").json["covers_until"] is None
        assert "record up to" not in run_cli(*early).out
    routes = ("routes", "north", "south", "--as-of", "2031-04-01")
    assert run_cli(*routes, "--json").json["covers_until"] == "2031-03-31"
    assert "record up to 2031-03-31" in run_cli(*routes).out
    assert run_cli("check").code == 0


def test_what_the_coders_covered_is_one_day_that_the_record_does_not_contradict(dataset: Path, run_cli: Run) -> None:
    registry = dataset / "registry" / "all.toml"
    text = registry.read_text()
    registry.write_text(text.replace("[dataset]\n", '[dataset]\ncovers_until = "2031-03"\n'))
    said = run_cli("check").out
    assert 'all.toml:3: `covers_until`: "2031-03" is not one day: write the last day that was looked at' in said
    registry.write_text(text.replace("[dataset]\n", "[dataset]\ncovers_until = 2030-01-15\n"))
    said = run_cli("check").out
    assert "southland-permits.toml" in said
    assert "warning: announced after covers_until = 2030-01-15: move that on, once all up to then is in" in said
    registry.write_text(text.replace("[dataset]\n", "[dataset]\ncovers_until = 2999-01-15\n"))
    assert "warning: covers_until = 2999-01-15 is still to come" in run_cli("check").out
