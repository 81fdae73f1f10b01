"""Questions about classes through the API and on the pages."""

from collections.abc import Iterator
from html import unescape

import httpx
import pytest

from tests.api.conftest import running
from tests.cli.test_classes import EXEMPTED, REGISTRY, say
from tracker import serve
from tracker.settings import Settings

DAY = "as_of=2022-07-01"
LANE = f"/api/v1/state?subject=PL-UA&traffic=goods&direction=UA>PL&{DAY}"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    folder = tmp_path_factory.mktemp("classes")
    (folder / "registry").mkdir()
    (folder / "registry" / "all.toml").write_text(REGISTRY, encoding="utf-8")
    say(folder, EXEMPTED)
    with running(serve.create(Settings(events=str(folder), access_log=False))) as found:
        yield found


def test_a_question_may_name_classes_of_several_groups(client: httpx.Client) -> None:
    def status(*classes: str) -> str:
        answer = client.get(LANE + "".join(f"&only={one}" for one in classes)).json()
        return str(answer[0]["lanes"][0]["status"])

    assert {one: status(one) for one in ("food", "fuel", "arms")} == {"food": "open", "fuel": "open", "arms": "closed"}
    assert status("lorries", "food") == status("food", "lorries") == "open"
    assert status("lorries") == "restricted"


def test_two_classes_of_one_group_are_a_bad_request(client: httpx.Client) -> None:
    answer = client.get(f"{LANE}&only=lorries&only=vehicles")
    assert answer.status_code == 400
    assert "only names lorries and vehicles, which are classes of one group, means" in answer.json()["detail"]
    answer = client.get("/api/v1/routes?from=UA&to=PL&only=lorries&only=vehicles")
    assert (answer.status_code, answer.json()["parameter"]) == (400, "only")


def test_routes_say_which_classes_were_asked_about(client: httpx.Client) -> None:
    found = client.get(f"/api/v1/routes?from=UA&to=PL&only=Lorries&only=fuel&{DAY}").json()
    assert (found["only"], found["best"]) == (["energy", "lorries"], "open")
    assert client.get(f"/api/v1/routes?from=UA&to=PL&{DAY}").json()["only"] is None


def test_the_panel_offers_the_classes_of_each_group(client: httpx.Client) -> None:
    page = unescape(client.get(f"/?{DAY}&subject=PL-UA&only=food").text)
    assert f'href="?{DAY}&only=food&subject=PL-UA" aria-current="true">Food</a>' in page
    assert f'href="?{DAY}&only=energy&subject=PL-UA">Energy</a>' in page
    assert f'href="?{DAY}&only=food,lorries&subject=PL-UA">Lorries</a>' in page
    assert f'href="?{DAY}&subject=PL-UA">all</a>' in page
    assert '<input type="hidden" name="only" value="food">' in page


def test_a_page_refuses_two_classes_of_one_group(client: httpx.Client) -> None:
    answer = client.get(f"/?{DAY}&subject=PL-UA&only=food,arms")
    assert answer.status_code == 400
    assert "only names food and arms" in unescape(answer.text)


def test_the_page_of_routes_asks_for_classes(client: httpx.Client) -> None:
    page = client.get(f"/routes?from=UA&to=PL&mode=road&only=arms&{DAY}").text
    assert 'name="only" value="arms"' in page
    assert 'data-s="closed"' in page


def test_the_registry_lists_its_classes(client: httpx.Client) -> None:
    found = client.get("/api/v1/subjects?kind=class").json()
    assert [(each["id"], each["group"], each["within"]) for each in found if each["group"] == "means"] == [
        ("vehicles", "means", []), ("lorries", "means", ["vehicles"]), ("pedestrians", "means", [])
    ]  # fmt: skip
    assert client.get("/api/v1/subjects/fuel").json()["id"] == "energy"
