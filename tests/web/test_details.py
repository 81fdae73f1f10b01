"""Small things that readers of the pages rely on: dates in links, names, advice, forms that keep what was typed."""

import re
from pathlib import Path

import httpx
import pytest

from tests.web.conftest import serving


def main(text: str) -> str:
    """The words of a page below its head, with the panel."""
    found = re.search(r"<main.*</(main|aside)>", text, re.DOTALL)
    assert found
    return re.sub(r" ([,:.)])", r"\1", " ".join(re.sub(r"<[^>]+>", " ", found[0]).split()))


def test_a_page_as_of_a_later_date_says_up_to_when_the_record_goes(client: httpx.Client) -> None:
    words = "Record up to 2026-06-30"
    for page in ("/", "/?view=table", "/?subject=margara", "/subjects/margara", "/promises", "/routes", "/subjects"):
        sign = "&" if "?" in page else "?"
        text = client.get(f"{page}{sign}as_of=2026-07-01").text
        assert words.lower() in text.lower(), page
        assert words.lower() not in client.get(f"{page}{sign}as_of=2026-06-30").text.lower(), page


def test_timelines_shade_what_lies_after_the_day_that_the_coders_covered(client: httpx.Client) -> None:
    shade = re.compile(r'<rect class="uncovered" x="([0-9.]+)%" y="0" width="([0-9.]+)%"')
    for page in ("/?view=timelines&from=2026-01-01", "/subjects/margara"):
        match = shade.search(client.get(page).text)
        assert match
        assert 0 < float(match[1]) < 100
        assert float(match[1]) + float(match[2]) == pytest.approx(100)
    early = shade.search(client.get("/?view=timelines&to=2026-01-01").text)
    assert early
    assert early[1] == "100"
    assert client.get("/data/timeline.json").json()["covered"] == 20635  # 2026-07-01, in days since 1970


def test_routes_refuse_a_wrong_goods_code_as_other_pages_do_and_keep_the_form(client: httpx.Client) -> None:
    answer = client.get("/routes?from=GE&to=KZ&mode=rail&goods=wheat&as_of=2025-10-25")
    assert answer.status_code == 400
    assert "goods &#39;wheat&#39; is not an HS prefix" in answer.text
    for kept in ('<option value="GE" selected>', '<option value="KZ" selected>', 'name="goods" value="wheat"'):
        assert kept in answer.text
    assert 'name="as_of" value="2025-10-25"' in answer.text


def test_links_of_the_map_and_the_panel_carry_the_date(client: httpx.Client) -> None:
    text = client.get("/?as_of=2025-10-28&announced_by=2025-10-30").text
    clocks = "as_of=2025-10-28&amp;announced_by=2025-10-30"
    links = re.findall(r'<a class="it [^"]*" href="([^"]*)"', text)
    assert len(links) > 30
    assert all(link.startswith(f"/?{clocks}&amp;subject=") for link in links)
    assert f'href="/subjects/KZ-RU?{clocks}"' in text  # it has no place on the map
    panel = client.get("/?as_of=2025-10-28&subject=margara").text
    assert 'href="/subjects/margara?as_of=2025-10-28"' in panel
    assert 'href="/subjects/tr-closure-1993?as_of=2025-10-28"' in panel


def test_the_badge_shows_every_clock_that_is_set(client: httpx.Client) -> None:
    for query, words in (
        ("", "now"),
        ("?announced_by=2025-10-01", "2025-10-01 (said)"),
        ("?recorded_by=120", "120 (stored)"),
        ("?announced_by=2025-10-01&recorded_by=120", "2025-10-01 (said), 120 (stored)"),
    ):
        badge = re.search(r"<b data-known[^>]*>([^<]*)</b>", client.get(f"/{query}").text)
        assert badge
        assert badge[1] == words


def test_error_pages_are_pages_with_advice_for_their_readers(client: httpx.Client) -> None:
    for path, status in (
        ("/nothing", 404), ("/subjects/atlantis", 404), ("/announcements/nothing", 404),
        ("/announcements?about=atlantis", 404), ("/?as_of=yesterday", 400), ("/?recorded_by=x", 400),
    ):  # fmt: skip
        answer = client.get(path)
        assert answer.status_code == status
        for part in ('<nav aria-label="Pages">', 'href="/subjects"', 'href="/announcements"'):
            assert part in answer.text
        words = main(answer.text)
        assert "`" not in words
        assert "/api/" not in words
        assert ("Search the announcements for it" if status == 404 else "Go back and change it") in words
    words = main(client.get("/?as_of=yesterday").text)
    assert words.startswith("400 Not understood as of &#39;yesterday&#39; is not a date: write a day")
    detail = client.get("/api/v1/subjects/atlantis").json()["detail"]
    assert "`tracker state` lists them all" in detail  # programs keep theirs


def test_names_stand_where_they_are_known(client: httpx.Client) -> None:
    why = main(client.get("/subjects/margara?as_of=2025-10-28").text)
    assert "Margara–Alican, road: ready since 2024-01-12, declared (Armenia)" in why
    assert "authority Armenia" not in why
    assert "(Armenia) Armenia lets lorries" in main(client.get("/?as_of=2025-10-28").text)
    closure = main(client.get("/subjects/tr-closure-1993").text)
    assert "restriction by Turkey" in closure
    assert "authority Turkey" in closure
    treaty = main(client.get("/subjects/am-az-peace-agreement").text)
    assert "text of Armenia, Azerbaijan" in treaty
    ways = main(client.get("/routes?from=RU&to=AM&mode=rail&as_of=2025-10-25").text)
    assert "Boyuk Kesik–Gardabani" in ways
    assert "boyuk-kesik" not in ways
    said = main(client.get("/announcements/turkey-closes-border-with-armenia").text)
    assert "Turkey" in said
    promises = main(client.get("/promises").text)
    assert re.search(r"(promise|offer|agreement) of (Armenia|Azerbaijan|Turkey)", promises)
    assert not re.search(r"(promise|offer|agreement) of [A-Z]{2}\b", promises)


def test_recorded_by_is_a_person_and_files_are_not_stored(full_store: Path, client: httpx.Client) -> None:
    page = "/announcements/turkey-closes-border-with-armenia"
    assert "recorded, read from files, not stored: turkey-closes" in main(client.get(page).text)
    with serving(store=str(full_store)) as site:
        stored = main(httpx.get(site + page, timeout=60).text)
    assert re.search(r"recorded( by [^:,]+)?, at position \d+", stored)
    assert "recorded by turkey-closes" not in stored
