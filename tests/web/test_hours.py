"""Map, timelines and tables have the status of the instant that is shown, or of its day, where hours tell it."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.cli.test_hours import NIGHTS, REGISTRY
from tests.cli.test_plans import say
from tests.web.conftest import serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser

WEEKDAYS = '{ type = "impose", measure = "ban", from = 2024-05-01, when = "Mo-Fr 08:00-18:00" }'
SHOWN = {  # the instant or day, and the status of the border's lanes
    "2024-06-01T02:00%2B00:00": "closed",
    "2024-06-01T12:00%2B00:00": "presumed",
    "2024-06-01": "restricted",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "registry").mkdir()
    (tmp_path / "registry" / "all.toml").write_text(REGISTRY, encoding="utf-8")
    return say(tmp_path, {"nights": ("2024-04-20", NIGHTS)})


@pytest.fixture
def address(folder: Path) -> Iterator[str]:
    with serving(events=folder) as found:
        yield found


def on_the_map(page: str, key: str = "XA-XB") -> str | None:
    tag = re.search(rf'<[^>]*data-id="{key}"[^>]*>', page)
    found = re.search(r'data-s="([^"]*)"', tag[0]) if tag else None
    return found and found[1]


@pytest.mark.parametrize("as_of", SHOWN)
def test_a_page_shows_the_status_of_its_instant(address: str, as_of: str) -> None:
    ask = f"{address}/?as_of={as_of}&mode=road&traffic=goods&subject=XA-XB"
    status = SHOWN[as_of]
    assert on_the_map(httpx.get(ask).text) == status
    assert on_the_map(httpx.get(ask.replace("/?", "/fragment/map?")).text) == status
    lane = httpx.get(ask.replace("/?", "/api/v1/subjects/XA-XB/why?").replace("&subject=XA-XB", "")).json()["lanes"][0]
    assert lane["status"] == status
    for view in ("timelines", "table"):
        assert f'data-s="{status}"' in httpx.get(f"{ask}&view={view}&kind=border").text


def test_a_day_on_which_no_hours_fall_is_as_if_there_were_none(folder: Path) -> None:
    say(folder, {"nights": ("2024-04-20", WEEKDAYS)})
    with serving(events=folder) as address:
        shown = [on_the_map(httpx.get(f"{address}/?as_of=2024-06-0{day}&mode=road").text) for day in (1, 2, 3)]
    assert shown == ["presumed", "presumed", "restricted"]  # Saturday, Sunday, Monday


@pytest.mark.slow
def test_the_browser_leaves_what_the_server_drew_and_asks_it_again(browser: "Browser", address: str) -> None:
    page = browser.new_page()
    page.goto(f"{address}/?as_of=2024-06-01T02:00%2B00:00&mode=road&traffic=goods&subject=XA-XB")
    page.wait_for_selector("html[data-ready]", state="attached")
    border = '[data-id="XA-XB"].it'
    assert page.get_attribute(border, "data-s") == "closed"
    page.fill("#as-of", "2024-04-29")
    page.press("#as-of", "Enter")
    page.wait_for_selector(f'{border}[data-s="presumed"]', state="attached")
    page.fill("#as-of", "2024-06-02")
    page.press("#as-of", "Enter")
    page.wait_for_selector(f'{border}[data-s="restricted"]', state="attached")
    page.close()
