"""Formalities, exposure, amounts, exemptions, texts and events that stand beside a status, through the command line."""

import sqlite3
from pathlib import Path

import pytest

from tests.cli.conftest import run
from tests.cli.test_plans import ask, say

FOLDER = Path(__file__).parents[2] / "examples" / "fiordland"
MORE = """
[measure]
duty = { title = "Duty on butter", authority = "XA", kind = "restriction", level = "formality", \
unit = "pounds for 100 kg", scope = { at = ["XA"], regime = "import", traffic = ["goods"], goods = ["0405"] } }
threat = { title = "A list of carriers", authority = "XC", kind = "restriction", level = "prohibited", \
extraterritorial = true, scope = { at = ["XA-XB"] } }
ban = { title = "A ban", authority = "XA", kind = "restriction", level = "prohibited", scope = { at = ["XA-XB"] } }
closure = { title = "A closure", authority = "XA", kind = "restriction", level = "prohibited", \
scope = { at = ["XA-XB"] } }
solar = { title = "Ban on solar cells", authority = "XA", kind = "restriction", level = "prohibited", \
nomenclature = "HS 2017", ids = { celex = "32019R0001" }, \
scope = { at = ["XA"], regime = "import", traffic = ["goods"], goods = ["854140"] } }
listing = { title = "Designation of a firm", authority = "XA", kind = "restriction", level = "prohibited", \
under = "order", scope = { at = ["XA-XB"], only = ["firm No. 1"] } }
[instrument]
order = { title = "The order", parties = ["XA", "XB"] }
"""
REGISTRY = """
[dataset]
id = "beside"
name = "Two lands and a third"
timezone = "Europe/London"
[party]
XA = { name = "Alpha", kind = "state" }
XB = { name = "Beta", kind = "state" }
XC = { name = "Gamma", kind = "state" }
[territory]
XA = { name = "Alpha", authority = "XA" }
XB = { name = "Beta", authority = "XB" }
[border]
XA-XB = { between = ["XA", "XB"], modes = ["road"], traffic = ["goods"], normally = "open" }
"""
DUTY = {
    "a-duty": ("2021-01-01", '{ type = "impose", measure = "duty", amount = "158" }'),
    "b-rate": ("2025-02-01", '{ type = "impose", measure = "duty", amount = "120" }'),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "registry").mkdir()
    (tmp_path / "registry" / "all.toml").write_text(REGISTRY + MORE, encoding="utf-8")
    return tmp_path


def test_a_rate_is_part_of_the_measure_and_never_of_the_lane(folder: Path) -> None:
    say(folder, DUTY)
    lane = ask(folder, "state", "XA-XB", "--direction", "XB>XA", "--as-of", "2025-02-02", "--json").json["lanes"][0]
    assert (lane["status"], lane["except"], [one["amount"] for one in lane["formalities"]]) == ("presumed", [], ["120"])
    assert lane["formalities"][0]["unit"] == "pounds for 100 kg"
    assert (
        ask(folder, "state", "XA-XB", "--direction", "XA>XB", "--as-of", "2025-02-02", "--json").json["lanes"][0][
            "formalities"
        ]
        == []
    )
    [history] = ask(folder, "history", "XA-XB", "--direction", "XB>XA", "--json").json["lanes"]
    assert [change["status"] for change in history["changes"]] == ["presumed"]
    measure = ask(folder, "state", "duty", "--as-of", "2025-03-01", "--json").json
    assert (measure["amount"], measure["amount_since"], measure["since"]) == ("120", "2025-02-01", "2021-01-01")
    rows = ask(folder, "history", "duty", "--json").json["changes"]
    assert [row["amount"] for row in rows] == ["158 pounds for 100 kg", "120 pounds for 100 kg"]
    [difference] = ask(folder, "diff", "2025-01-31", "2025-02-01", "--json").json["differences"]
    assert (difference["amount_before"], difference["amount_after"]) == tuple(row["amount"] for row in rows)
    shown = " ".join(ask(folder, "diff", "2025-01-31", "2025-02-01").out.split())
    assert "in-force, 158 pounds for 100 kg →" in shown
    assert "Something was said." in shown


def test_a_rate_that_comes_with_a_prolongation_is_a_change(folder: Path) -> None:
    first = '{ type = "impose", measure = "duty", amount = "5", last_day = 2031-01-31 }'
    more = '{ type = "extend", measure = "duty", amount = "6", last_day = 2031-02-28 }'
    say(folder, {"a": ("2031-01-01", first), "b": ("2031-01-20", more)})
    rows = ask(folder, "history", "duty", "--json").json["changes"]
    assert [row["amount"] for row in rows][:2] == ["5 pounds for 100 kg", "6 pounds for 100 kg"]
    state = ask(folder, "state", "duty", "--as-of", "2031-02-10", "--json").json
    assert (state["since"], state["amount_since"]) == ("2031-01-01", "2031-02-01")


def test_a_threat_of_others_is_exposure_and_changes_no_status(folder: Path) -> None:
    say(folder, {"a": ("2031-01-01", '{ type = "impose", measure = "threat", basis = "reported" }')})
    lane = ask(folder, "state", "XA-XB", "--as-of", "2031-01-02", "--json").json["lanes"][0]
    assert (lane["status"], [one["measure"] for one in lane["exposure"]]) == ("presumed", ["threat"])
    assert lane["upcoming"] == []
    out = ask(folder, "why", "XA-XB", "--as-of", "2031-01-02").out
    assert "Exposure" in out
    assert "A list of carriers, in force" in out


def test_a_waiver_that_is_revoked_leaves_the_lane_and_shows_the_threat(folder: Path) -> None:
    waived = '{ type = "exempt", measure = "threat", exemption = "waiver", basis = "reported" }'
    revoked = '{ type = "lift", exemption = "waiver", basis = "reported" }'
    imposed = '{ type = "impose", measure = "threat", basis = "reported" }'
    say(folder, {"a": ("2031-01-01", imposed), "b": ("2031-01-05", waived), "c": ("2031-02-01", revoked)})
    shown = {}
    for day in ("2031-01-10", "2031-02-02"):
        lane = ask(folder, "state", "XA-XB", "--as-of", day, "--json").json["lanes"][0]
        shown[day] = lane["status"], [one["measure"] for one in lane["exposure"]]
    assert shown == {"2031-01-10": ("presumed", []), "2031-02-02": ("presumed", ["threat"])}


def test_a_flow_that_is_exempt_from_a_formality_does_not_meet_it(folder: Path) -> None:
    exempt = '{ type = "exempt", measure = "duty", goods = ["040510"] }'
    say(folder, {**DUTY, "c": ("2025-03-01", exempt)})
    for goods, amounts in (("040520", ["120"]), ("040510", [])):
        asked = ("--direction", "XB>XA", "--goods", goods, "--as-of", "2025-03-02", "--json")
        lane = ask(folder, "state", "XA-XB", *asked).json["lanes"][0]
        assert [one["amount"] for one in lane["formalities"]] == amounts


def test_history_has_a_row_for_each_exemption_that_begins_or_ends(folder: Path) -> None:
    def exempt(name: str, last_day: str) -> str:
        return (
            f'{{ type = "exempt", measure = "closure", exemption = "{name}", only = ["{name}"], last_day = {last_day}}}'
        )

    say(
        folder,
        {
            "a": ("2031-01-01", '{ type = "impose", measure = "closure" }'),
            "b": ("2031-02-01", exempt("food", "2031-03-31")),
            "c": ("2031-03-01", exempt("aid", "2031-05-31")),
            "d": ("2031-03-20", '{ type = "extend", exemption = "food", last_day = 2031-04-30 }'),
            "e": ("2031-06-10", exempt("mail", "2031-07-31")),
            "f": ("2031-07-01", '{ type = "lift", exemption = "mail" }'),
        },
    )
    rows = ask(folder, "history", "closure", "--json").json["changes"]
    assert [(row["at"], row["status"], row["exemptions"]) for row in rows] == [
        ("2031-01-01", "in-force", []),
        ("2031-02-01", "eased", ["food"]),
        ("2031-03-01", "eased", ["aid", "food"]),
        ("2031-05-01", "eased", ["aid"]),
        ("2031-06-01", "in-force", []),
        ("2031-06-10", "eased", ["mail"]),
        ("2031-07-01", "in-force", []),
    ]
    assert rows[-1]["announcements"] == ["f"]
    answer = ask(folder, "state", "closure", "--as-of", "2031-04-15", "--json").json
    assert [(one["exemption"], one["only"], one["until"]) for one in answer["exemptions"]] == [
        ("aid", ["aid"], "2031-06-01"),
        ("food", ["food"], "2031-05-01"),
    ]
    lane = ask(folder, "state", "XA-XB", "--as-of", "2031-04-15", "--json").json["lanes"][0]
    assert (lane["otherwise"], lane["but_for"]) == ("closed", ["aid", "food"])
    assert "closed but for aid and food" in " ".join(ask(folder, "state", "XA-XB", "--as-of", "2031-04-15").out.split())
    out = ask(folder, "diff", "2031-04-15", "2031-05-15").out
    assert "still eased" in out


def test_open_but_for_a_class_says_which_and_a_change_of_the_rest_is_a_difference(folder: Path) -> None:
    some = '{ type = "impose", measure = "closure", only = ["lorries"] }'
    every = '{ type = "impose", measure = "closure" }, { type = "exempt", measure = "closure", only = ["aid"] }'
    say(folder, {"a": ("2031-01-01", some), "b": ("2031-02-01", every)})
    lane = ask(folder, "state", "XA-XB", "--as-of", "2031-01-02", "--json").json["lanes"][0]
    assert (lane["status"], lane["otherwise"], lane["but_for"]) == ("restricted", "presumed", ["lorries"])
    lanes = [
        one for one in ask(folder, "diff", "2031-01-02", "2031-02-02", "--json").json["differences"] if one["mode"]
    ]
    assert {(one["before"], one["otherwise_before"], one["otherwise_after"]) for one in lanes} == {
        ("restricted", "presumed", "closed")
    }
    out = " ".join(ask(folder, "changes", "--from", "2031-02-01", "--to", "2031-02-01").out.split())
    assert "restricted: open but for" in out
    assert "restricted: closed but for aid" in out


def test_still_closed_where_only_what_decides_changed(folder: Path) -> None:
    other = '{ type = "impose", measure = "ban" }, { type = "lift", measure = "closure" }'
    say(folder, {"a": ("2031-01-01", '{ type = "impose", measure = "closure" }'), "b": ("2031-02-01", other)})
    out = " ".join(ask(folder, "changes", "--from", "2031-02-01", "--to", "2031-02-01").out.split())
    assert "still closed" in out
    assert "closed → closed" not in out
    assert "(Something was said.)" in out


def test_a_measure_says_that_its_text_has_ended(folder: Path) -> None:
    say(
        folder,
        {
            "a": ("2011-08-18", '{ type = "stage", instrument = "order", stage = "in-force" }'),
            "b": ("2012-05-01", '{ type = "impose", measure = "listing" }'),
            "c": ("2024-09-13", '{ type = "impose", measure = "listing" }'),
            "d": ("2025-06-30", '{ type = "stage", instrument = "order", stage = "terminated" }'),
        },
    )
    answer = ask(folder, "state", "listing", "--as-of", "2025-07-01", "--json").json
    assert (answer["state"], answer["since"]) == ("in-force", "2012-05-01")
    assert (answer["under"]["instrument"], answer["under"]["stage"], answer["under"]["ended"]) == (
        "order", "terminated", True,
    )  # fmt: skip
    assert "its text order is terminated" in " ".join(ask(folder, "state", "--as-of", "2025-07-01").out.split())
    assert not ask(folder, "state", "listing", "--as-of", "2025-06-29", "--json").json["under"]["ended"]


@pytest.mark.parametrize(("goods", "beside"), [("854143", ["solar"]), ("854141", ["solar"]), ("0405", [])])
def test_goods_of_another_edition_are_compared_to_the_chapter(folder: Path, goods: str, beside: list[str]) -> None:
    say(folder, {"a": ("2019-03-01", '{ type = "impose", measure = "solar" }')})
    asked = ("state", "XA-XB", "--direction", "XB>XA", "--destination", "XA", "--goods", goods, "--as-of", "2023-01-01")
    lane = ask(folder, *asked, "--json").json["lanes"][0]
    assert (lane["status"], [one["measure"] for one in lane["except"]]) == ("presumed", beside)
    assert all("as numbered in HS 2017" in one["reason"] for one in lane["except"])


def test_a_measure_is_found_by_its_official_number(folder: Path) -> None:
    say(folder, {"a": ("2019-03-01", '{ type = "impose", measure = "solar" }')})
    answer = ask(folder, "state", "32019R0001", "--as-of", "2023-01-01", "--json").json
    assert (answer["subject"], answer["ids"]) == ("solar", {"celex": "32019R0001"})
    [said] = ask(folder, "announcements", "--text", "32019R0001", "--json").json
    assert said["id"] == "a"


def test_a_text_that_is_applied_before_it_is_in_force_is_told_apart(folder: Path) -> None:
    def stage(word: str, more: str = "") -> str:
        return f'{{ type = "stage", instrument = "order", stage = "{word}"{more} }}'

    say(
        folder,
        {
            "a": ("2016-10-30", stage("signed")),
            "b": ("2017-02-23", stage("ratified", ', party = "XB", basis = "reported"')),
            "c": ("2017-09-16", stage("provisionally-applied", ", on = 2017-09-21")),
            "d": ("2024-06-01", stage("partly-in-force")),
            "e": ("2025-06-01", stage("applicable")),
        },
    )
    days = ("2017-09-20", "2017-09-21", "2024-01-01", "2024-06-02", "2025-06-02")
    answers = [ask(folder, "state", "order", "--as-of", day, "--json").json for day in days]
    assert [answer["stage"] for answer in answers] == [
        "signed", "provisionally-applied", "provisionally-applied", "partly-in-force", "applicable",
    ]  # fmt: skip
    assert {answer["by_party"]["XB"] for answer in answers} == {"ratified"}


def test_what_waits_for_a_date_is_upcoming_without_one_until_it_has_it(folder: Path) -> None:
    wait = '{ type = "impose", measure = "closure", from_event = "the second ratification" }'
    dated = '{ type = "reschedule", of = "a#1", from = 2031-06-01 }'
    say(folder, {"a": ("2031-01-01", wait), "b": ("2031-05-01", dated)})
    answer = ask(folder, "state", "closure", "--as-of", "2031-02-01", "--json").json
    assert (answer["state"], answer["since"], answer["until"]) == ("upcoming", None, None)
    assert answer["waiting"]["event"] == "the second ratification"
    lane = ask(folder, "state", "XA-XB", "--as-of", "2031-02-01", "--json").json["lanes"][0]
    assert [(one["at"], one["event"], one["status"]) for one in lane["upcoming"]] == [
        (None, "the second ratification", "closed")
    ]
    later = ask(folder, "state", "closure", "--as-of", "2031-05-02", "--json").json
    assert (later["state"], later["until"], later["waiting"]) == ("upcoming", "2031-06-01", None)
    assert ask(folder, "state", "closure", "--as-of", "2031-06-02", "--json").json["state"] == "in-force"


def test_the_invented_record_shows_each_of_them() -> None:
    def state(subject: str, as_of: str) -> dict[str, object]:
        found: dict[str, object] = run("--events", str(FOLDER), "state", subject, "--as-of", as_of, "--json").json
        return found

    toll, check = state("hv-ferry-toll", "2031-06-02"), state("hv-weed-check", "2031-07-02")
    assert (toll["amount"], toll["until_event"], toll["state"]) == ("55", "the causeway is mended", "eased")
    assert (check["hours"], check["applied_from"]) == ("Mo-Fr 08:00-16:00", "2031-01-15")
    assert check["waiting"] == {
        "event": "the new laboratory opens",
        "change": "in force → lifted",
        "announcement": "havreland-ends-plant-order",
    }


def test_the_views_have_what_stands_beside(folder: Path, tmp_path: Path) -> None:
    say(folder, {**DUTY, "c": ("2025-03-01", '{ type = "impose", measure = "threat", basis = "reported" }')})
    store = tmp_path / "record.sqlite"
    assert run("--store", str(store), "load", str(folder)).code == 0
    connection = sqlite3.connect(store)
    lanes = connection.execute(
        "SELECT direction, status, formalities, exposure FROM v_status_interval WHERE mode = 'road' ORDER BY direction"
    ).fetchall()
    assert lanes == [("XA>XB", "presumed", None, "threat"), ("XB>XA", "presumed", "duty", "threat")]
    rows = connection.execute("SELECT amount, unit FROM v_measure_interval WHERE measure = 'duty' ORDER BY valid_from")
    assert rows.fetchall() == [("158", "pounds for 100 kg"), ("120", "pounds for 100 kg")]


def test_a_change_that_waits_is_told_from_what_stands_whatever_was_announced_since(folder: Path) -> None:
    wait = '{ type = "lift", measure = "closure", from_event = "the second ratification" }'
    later = '{ type = "impose", measure = "ban", from = 2031-09-01 }'
    imposed = '{ type = "impose", measure = "closure" }'
    say(folder, {"a": ("2031-01-01", imposed), "b": ("2031-02-01", wait), "aa": ("2031-08-01", later)})
    answer = ask(folder, "state", "closure", "--as-of", "2031-03-01", "--json").json
    assert answer["waiting"]["change"] == "in force → lifted"
