"""Classes, lists of all but some, and named firms, through the command line: the worked examples of design §8."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import run
from tests.cli.test_plans import Said, ask

REGISTRY = """
[dataset]
id = "classes"
name = "Two lands and what lies beyond"
timezone = "+03:00"
[party]
UA = { name = "Ukraine", kind = "state" }
PL = { name = "Poland", kind = "state" }
KZ = { name = "Kazakhstan", kind = "state" }
RU = { name = "Russia", kind = "state" }
[territory]
UA = { name = "Ukraine", authority = "UA" }
PL = { name = "Poland", authority = "PL" }
KZ = { name = "Kazakhstan", authority = "KZ" }
RU = { name = "Russia", authority = "RU" }
AZ = { name = "Azerbaijan", authority = "KZ" }
DE = { name = "Germany", authority = "PL" }
[border]
PL-UA = { between = ["PL", "UA"], modes = ["road"], normally = "open" }
KZ-RU = { between = ["KZ", "RU"], modes = ["road"], normally = "open" }
[class]
food = { name = "Food", group = "cargo" }
energy = { name = "Energy", group = "cargo", aliases = ["fuel"] }
arms = { name = "Arms", group = "cargo" }
vehicles = { name = "Vehicles", group = "means" }
lorries = { name = "Lorries", group = "means", within = ["vehicles"] }
pedestrians = { name = "People on foot", group = "means" }
[measure]
ban = { title = "A ban", authority = "UA", kind = "restriction", level = "prohibited", \
scope = { at = ["PL-UA"], traffic = ["goods"] } }
tomatoes = { title = "Ban on Azerbaijani tomatoes", authority = "RU", kind = "restriction", level = "prohibited", \
scope = { at = ["RU"], regime = "import", traffic = ["goods"], origin = ["AZ"], goods = ["0702"] } }
grain-import = { title = "Ban on the import of grain", authority = "PL", kind = "restriction", level = "prohibited", \
scope = { at = ["PL"], regime = "import", traffic = ["goods"], goods = ["10"], origin = ["UA"] } }
grain-transit = { title = "Ban on the transit of grain", authority = "PL", kind = "restriction", \
level = "prohibited", scope = { at = ["PL"], regime = "transit", traffic = ["goods"], goods = ["10"], \
origin = ["UA"] } }
convoys = { title = "Only lorries", authority = "PL", kind = "restriction", level = "prohibited", \
scope = { at = ["PL-UA"], traffic = ["goods"], only = ["!lorries"] } }
scrap = { title = "Ban on metal", authority = "PL", kind = "restriction", level = "prohibited", \
scope = { at = ["PL-UA"], goods = ["72", "!7204"], destination = ["!DE"] } }
listed = { title = "Ban on ships", authority = "PL", kind = "restriction", level = "prohibited", \
scope = { at = ["PL-UA"], named = ["The Ark", "The Bounty"] } }
"""
ANNOUNCEMENT = """
announced = {day}
summary = "Something was said."
by = [{{ party = "UA" }}, {{ party = "PL" }}, {{ party = "RU" }}]
source = [{{ publisher = "The Bugle" }}]
effect = [{effects}]
"""
EXEMPTED: Said = {
    "bans": ("2022-01-01", '{ type = "impose", measure = "ban" }'),
    "food": ("2022-02-01", '{ type = "exempt", measure = "ban", only = ["food"] }'),
    "energy": ("2022-03-01", '{ type = "exempt", measure = "ban", only = ["energy"], last_day = 2023-05-01 }'),
}
GRAIN: Said = {
    "a-bans": ("2023-04-15", '{ type = "impose", measure = ["grain-import", "grain-transit"] }'),
    "b-frees": ("2023-04-21", '{ type = "lift", measure = "grain-transit" }'),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "registry").mkdir()
    (tmp_path / "registry" / "all.toml").write_text(REGISTRY, encoding="utf-8")
    return tmp_path


def say(folder: Path, said: Said) -> None:
    """Write announcements of the three deciders."""
    for name, (day, effects) in said.items():
        path = folder / day[:4] / f"{name}.toml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(ANNOUNCEMENT.format(day=day, effects=effects), encoding="utf-8")


def lane(folder: Path, border: str, direction: str, as_of: str, *flow: str) -> dict[str, Any]:
    asked = ("state", border, "--direction", direction, "--traffic", "goods", "--as-of", as_of, *flow, "--json")
    found: dict[str, Any] = ask(folder, *asked).json["lanes"][0]
    return found


def status(folder: Path, *classes: str, as_of: str = "2022-07-01") -> str:
    flow = [word for one in classes for word in ("--only", one)]
    return str(lane(folder, "PL-UA", "UA>PL", as_of, *flow)["status"])


def test_two_exemptions_from_one_ban(folder: Path) -> None:
    say(folder, EXEMPTED)
    assert {one: status(folder, one) for one in ("food", "Energy", "fuel", "arms")} == {
        "food": "open", "Energy": "open", "fuel": "open", "arms": "closed"
    }  # fmt: skip
    whole = lane(folder, "PL-UA", "UA>PL", "2022-07-01")
    assert (whole["status"], whole["otherwise"], whole["but_for"]) == ("restricted", "closed", ["energy", "food"])
    assert {one: status(folder, one, as_of="2023-06-01") for one in ("food", "energy")} == {
        "food": "open", "energy": "closed"
    }  # fmt: skip


def test_a_ban_on_what_comes_from_a_third_territory(folder: Path) -> None:
    say(folder, {"bans": ("2025-10-01", '{ type = "impose", measure = "tomatoes"}')})
    open_end = lane(folder, "KZ-RU", "KZ>RU", "2025-10-28")
    assert (open_end["status"], [one["measure"] for one in open_end["except"]]) == ("presumed", ["tomatoes"])
    own = lane(folder, "KZ-RU", "KZ>RU", "2025-10-28", "--origin", "KZ")
    assert (own["status"], own["except"]) == ("presumed", [])


def test_grain_that_may_go_on_and_may_not_stay(folder: Path) -> None:
    say(folder, GRAIN)
    flow = ("--goods", "1001", "--destination", "DE")
    on = {day: lane(folder, "PL-UA", "UA>PL", day, *flow)["status"] for day in ("2023-04-18", "2023-04-22")}
    assert on["2023-04-18"] == "closed"
    assert on["2023-04-22"] != "closed"
    assert lane(folder, "PL-UA", "UA>PL", "2023-04-22", "--goods", "1001", "--destination", "PL")["status"] == "closed"


def test_all_but_some_is_told_as_closed_but_for_them(folder: Path) -> None:
    say(folder, {"bans": ("2022-01-01", '{ type = "impose", measure = "convoys" }')})
    assert {one: status(folder, one) for one in ("lorries", "vehicles", "pedestrians")} == {
        "lorries": "presumed", "vehicles": "restricted", "pedestrians": "closed"
    }  # fmt: skip
    shown = ask(folder, "state", "PL-UA", "--direction", "UA>PL", "--traffic", "goods", "--as-of", "2022-07-01").out
    assert "closed but for lorries" in shown


def test_all_but_some_goods_and_ends(folder: Path) -> None:
    say(folder, {"bans": ("2022-01-01", '{ type = "impose", measure = "scrap" }')})
    beside = lane(folder, "PL-UA", "UA>PL", "2022-07-01")
    assert (beside["status"], [one["measure"] for one in beside["except"]]) == ("presumed", ["scrap"])
    whole = lane(folder, "PL-UA", "UA>PL", "2022-07-01", "--goods", "72")
    assert (whole["status"], whole["otherwise"], whole["but_for"]) == (
        "restricted", "closed", ["goods 7204", "to Germany"]
    )  # fmt: skip
    to_poland = ("--destination", "PL")
    assert lane(folder, "PL-UA", "UA>PL", "2022-07-01", "--goods", "7201", *to_poland)["status"] == "closed"
    assert lane(folder, "PL-UA", "UA>PL", "2022-07-01", "--goods", "7204", *to_poland)["except"] == []


def test_those_who_are_named_are_told_beside_the_status(folder: Path) -> None:
    say(folder, {"bans": ("2022-01-01", '{ type = "impose", measure = "listed" }')})
    found = lane(folder, "PL-UA", "UA>PL", "2022-07-01")
    assert (found["status"], [one["measure"] for one in found["except"]]) == ("presumed", ["listed"])
    assert "by name The Ark, The Bounty" in found["except"][0]["reason"]


@pytest.mark.parametrize(
    "command",
    [
        ("state", "PL-UA"), ("why", "PL-UA"), ("history", "PL-UA"), ("needs", "PL-UA"), ("needs", "UA", "PL"),
        ("routes", "UA", "PL"), ("diff", "2021-01-01", "2022-07-01"),
    ],
)  # fmt: skip
def test_two_classes_of_one_group_are_refused(folder: Path, command: tuple[str, ...]) -> None:
    ran = ask(folder, *command, "--only", "lorries", "--only", "vehicles")
    assert ran.code == 2
    assert "only names lorries and vehicles, which are classes of one group, means" in ran.err
    assert "leave one of the two out" in ran.err


def test_the_order_and_the_names_of_classes_change_no_answer(folder: Path) -> None:
    say(folder, EXEMPTED)
    commands = ["state PL-UA", "routes UA PL", "needs UA PL", "diff 2021-01-01 2022-07-01"]
    for command in map(str.split, commands):
        one, other = (
            ask(folder, *command, *(word for each in classes for word in ("--only", each)), "--json").out
            for classes in (("Lorries", "fuel"), ("energy", "lorries only", "Energy"))
        )
        assert json.loads(one) == json.loads(other)
    assert ask(folder, "routes", "UA", "PL", "--only", "fuel", "--only", "LORRIES", "--json").json["only"] == [
        "energy", "lorries"
    ]  # fmt: skip


def test_what_is_missing_and_what_if_look_at_the_classes(folder: Path) -> None:
    say(folder, EXEMPTED)
    asked = ("needs", "PL-UA", "--direction", "UA>PL", "--traffic", "goods", "--as-of", "2022-07-01", "--json")
    counts = {one: ask(folder, *asked, "--only", one).json["lanes"][0]["count"] for one in ("food", "arms")}
    assert counts == {"food": 0, "arms": 1}
    supposed = lane(folder, "PL-UA", "UA>PL", "2022-07-01", "--only", "arms", "--suppose", "lift ban")
    assert supposed["status"] == "open"
    [change] = ask(folder, "diff", "2022-02-15", "2022-07-01", "--only", "energy", "--subject", "PL-UA", "--json").json[
        "differences"
    ][:1]
    assert (change["before"], change["after"]) == ("closed", "open")


def test_a_store_answers_as_its_files_do(folder: Path) -> None:
    say(folder, EXEMPTED)
    store = str(folder / "store.sqlite")
    assert run("--store", store, "load", str(folder)).code == 0
    asked = ("state", "PL-UA", "--as-of", "2022-07-01", "--only", "fuel", "--only", "Lorries", "--json")
    of_files, of_store = ask(folder, *asked).json, run("--store", store, *asked).json
    assert of_store["lanes"] == of_files["lanes"]
    assert {lane["status"] for lane in of_store["lanes"] if lane["direction"] == "UA>PL"} == {"open", "presumed"}


def test_many_names_are_counted(folder: Path) -> None:
    registry = folder / "registry" / "all.toml"
    names = ", ".join(f'"No. {number}"' for number in range(24))
    registry.write_text(REGISTRY.replace('"The Ark", "The Bounty"', names), encoding="utf-8")
    say(folder, {"bans": ("2022-01-01", '{ type = "impose", measure = "listed" }')})
    found = lane(folder, "PL-UA", "UA>PL", "2022-07-01")
    assert found["except"][0]["reason"].endswith("(24 named)")
    why = ("why", "listed", "--as-of", "2022-07-01")
    assert "24 named" in ask(folder, *why).out
    assert len(ask(folder, *why, "--json").json["scope"]["named"]) == 24
