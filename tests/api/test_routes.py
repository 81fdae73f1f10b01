"""Ways from one territory to another."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from tracker.cli.main import answer


def _routes(client: httpx.Client, more: str) -> Any:
    answer = client.get(f"/api/v1/routes?{more}")
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_wheat_could_go_from_russia_to_armenia_by_rail_on_25_october(client: httpx.Client) -> None:
    before, after = (
        _routes(client, f"from=RU&to=AM&mode=rail&goods=1001&as_of={day}") for day in ("2025-10-20", "2025-10-25")
    )
    assert (before["best"], after["best"]) == ("closed", "open")
    stood = next(each for each in before["routes"] if each["corridor"] == "ru-az-ge-am")
    assert stood["weakest"]["place"] == "AZ"
    assert "bar on transit" in stood["weakest"]["reason"]
    assert after["routes"][0]["corridor"] == "ru-az-ge-am"


def test_and_the_date_on_which_it_opened_is_told(client: httpx.Client) -> None:
    found = client.get("/api/v1/routes/opened?from=RU&to=AM&mode=rail&goods=1001&as_of=2025-12-31").json()
    *_, closed, opened, operating = found["changes"]
    assert closed["status"] == "closed"
    assert (opened["status"], opened["at"]) == ("open", "[2025-10-01..2025-10-21]")
    assert opened["announcements"] == ["aliyev-lifts-transit-to-armenia"]
    assert (operating["status"], operating["at"], operating["until"]) == ("operating", "2025-11-05", None)


def test_the_best_come_first_and_then_the_shortest(client: httpx.Client) -> None:
    ranks = [(each["severity"], each["borders"]) for each in _routes(client, "from=TR&to=AZ&mode=road")["routes"]]
    assert ranks == sorted(ranks)
    assert len(ranks) > 3


def test_every_way_is_simple_and_goes_over_borders_that_are_there(client: httpx.Client) -> None:
    borders = {each["id"]: set(each["between"]) for each in client.get("/api/v1/subjects?kind=border").json()}
    crossings = {each["id"]: set(each["between"]) for each in client.get("/api/v1/subjects?kind=crossing").json()}
    for each in _routes(client, "from=RU&to=IR")["routes"]:
        territories, gates = each["path"][::2], each["path"][1::2]
        assert (territories[0], territories[-1]) == ("RU", "IR")
        assert len(set(territories)) == len(territories)
        for one, gate, other in zip(territories, gates, territories[1:], strict=False):
            assert (borders | crossings)[gate] == {one, other}


def test_a_way_says_the_same_as_the_corridor_on_it(client: httpx.Client) -> None:
    [way] = [
        each
        for each in _routes(client, "from=TR&to=AZ&mode=road&as_of=2025-10-28")["routes"]
        if each["corridor"] == "tr-am-az"
    ]
    question = "/api/v1/subjects/tr-am-az/state?mode=road&traffic=goods&direction=TR>AZ&as_of=2025-10-28"
    assert way["lane"] == client.get(question).json()["lanes"][0]


def test_a_way_of_one_border_says_the_same_as_the_border(client: httpx.Client) -> None:
    [way] = [each for each in _routes(client, "from=AM&to=GE&mode=road")["routes"] if each["borders"] == 1]
    [lane] = client.get("/api/v1/subjects/AM-GE/state?mode=road&traffic=goods&direction=AM>GE").json()["lanes"]
    assert way["path"] == ["AM", "AM-GE", "GE"]
    if lane["status"] == "operating":
        lane["status"] = "open"  # passages are counted for places and corridors that are registered
    assert way["status"] in (lane["status"], "operating")


def test_no_way_is_an_answer(client: httpx.Client) -> None:
    found = _routes(client, "from=RU&to=AM&mode=pipeline&traffic=people")
    assert found["routes"] == []
    assert found["best"] is None
    assert client.get("/api/v1/routes/opened?from=RU&to=AM&mode=pipeline&traffic=people").json()["changes"] == []


@pytest.mark.parametrize("names", ["from=RU&to=AM", "from=Russia&to=Armenia", "from=ru&to=am"])
def test_territories_go_by_id_or_name(names: str, client: httpx.Client) -> None:
    found = _routes(client, f"{names}&mode=rail")
    assert (found["origin"], found["destination"]) == ("RU", "AM")


def test_what_was_known_counts(client: httpx.Client) -> None:
    asked = "from=RU&to=AM&mode=rail&goods=1001&as_of=2025-10-25"
    assert _routes(client, f"{asked}&announced_by=2025-10-20")["best"] == "closed"


def test_people_read_the_same_as_a_table(full_store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["--store", str(full_store), "routes", "Russia", "AM", "--mode", "rail", "--goods", "1001"]
    assert answer([*asked, "--as-of", "2025-10-25"]) == 0
    said = capsys.readouterr().out
    assert "RU > AZ > GE > AM" in said
    assert "the best is open" in said
    assert answer([*asked, "--opened", "--as-of", "2025-12-31"]) == 0
    assert "2025-11-05" in capsys.readouterr().out
    assert answer(["--store", str(full_store), "routes", "RU", "AM", "--mode", "sea"]) == 0
    assert "No way" in capsys.readouterr().out
    assert answer([*asked[:3], "RU", "Atlantis"]) == 2
    assert answer([*asked[:3], "RU", "RU"]) == 2


def test_what_is_supposed_is_in_the_key_of_every_cache(client: httpx.Client) -> None:
    path = "/api/v1/subjects/tr-am-az/state?as_of=2026-05-01"
    supposing = "&suppose=lift+tr-closure-1993&suppose=lift+az-am-border-closure&suppose=ready+margara"
    plain, supposed, again = (client.get(path + more) for more in ("", supposing, ""))
    assert {lane["status"] for lane in supposed.json()["lanes"]} == {"open"}
    assert supposed.json()["supposed"] == ["lift tr-closure-1993", "lift az-am-border-closure", "ready margara"]
    assert plain.json() == again.json()
    assert {lane["status"] for lane in plain.json()["lanes"]} == {"closed"}
    assert plain.headers["etag"] == again.headers["etag"] != supposed.headers["etag"]
    held = {"If-None-Match": plain.headers["etag"]}
    assert client.get(path, headers=held).status_code == 304
    assert client.get(path + supposing, headers=held).status_code == 200
    assert client.get(path + supposing, headers={"If-None-Match": supposed.headers["etag"]}).status_code == 304
