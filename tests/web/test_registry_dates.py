"""Pages and the API where subjects begin and end, and where others are in charge at other times."""

from collections.abc import Iterator

import httpx
import pytest

from tests.cli.test_registry_dates import EMBARGO, TERRITORIES
from tests.state.dated import world
from tests.state.test_blocs import BAN, IMPOSED, REGISTRY
from tests.web.conftest import serving


@pytest.fixture(scope="module")
def sudan(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    folder = tmp_path_factory.mktemp("sudan")
    world(folder, TERRITORIES % ", last_day = 2019-12-31", EMBARGO)
    with serving(events=folder) as address, httpx.Client(base_url=address, timeout=60) as client:
        yield client


@pytest.fixture(scope="module")
def union(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    folder = tmp_path_factory.mktemp("union")
    world(folder, REGISTRY + BAN, IMPOSED)
    with serving(events=folder) as address, httpx.Client(base_url=address, timeout=60) as client:
        yield client


@pytest.mark.parametrize("day", ["2010-01-01", "2015-01-01", "2021-01-01"])
def test_pages_show_what_exists(sudan: httpx.Client, day: str) -> None:
    for path in (
        f"/?as_of={day}&subject=SD-SS",
        f"/?as_of={day}&view=timelines",
        f"/?as_of={day}&view=table",
        f"/subjects?as_of={day}",
        f"/difference?from=2015-01-01&to={day}",
        "/changes?from=2010-01-01&to=2021-12-31",
        f"/routes?from=SD&to=SS&as_of={day}",
        "/data/timeline.json",
    ):
        answer = sudan.get(path)
        assert answer.status_code == 200, (path, answer.text[:500])
    page = sudan.get("/subjects/SD-SS", params={"as_of": day}).text
    assert "from 2011-07-09 through 2019-12-31" in page
    panel = sudan.get(f"/?as_of={day}&subject=SD-SS").text
    assert ("does not exist" in panel) is (day != "2015-01-01")


def test_the_api_says_from_when_to_when(sudan: httpx.Client) -> None:
    before = sudan.get("/api/v1/subjects/SD-SS/state", params={"as_of": "2010-01-01"}).json()
    assert before["lanes"] == []
    assert before["exists"] == {
        "from": "2011-07-09", "until": "2020-01-01", "last_day": "2019-12-31", "succeeds": None,
    }  # fmt: skip
    why = sudan.get("/api/v1/subjects/SD-SS/why", params={"as_of": "2010-01-01"})
    assert (why.status_code, why.json()["lanes"]) == (200, [])
    drawn = sudan.get("/api/v1/map.geojson", params={"as_of": "2010-01-01"}).json()
    assert drawn["features"] == []
    assert sudan.get("/api/v1/subjects/SS").json()["exists"]["succeeds"] == "SD"


def test_members_stand_with_a_bloc_and_its_measures(union: httpx.Client) -> None:
    bloc = union.get("/api/v1/subjects/EU").json()
    assert bloc["members"][1] == {"party": "DE", "territory": None, "from": "2000-01-01", "until": None, "modes": None}
    assert bloc["members"][3]["until"] == "2020-12-31T23:00:00+00:00"
    page = union.get("/subjects/ban").text
    assert "Germany (from 2000-01-01)" in page
