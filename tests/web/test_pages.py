"""What the server sends: whole without scripts, closed to what is not ours, and the same as the queries say."""

import csv
import html
import io
import re
from pathlib import Path

import httpx
import pytest

from tests.web.conftest import ATTACK, serving
from tracker.presentation.statuses import LOOKS, look
from tracker.queries.answers import LanesState
from tracker.queries.state import state
from tracker.services.records import Tracker
from tracker.web import pages
from tracker.web.timeline import Timeline

PAGES = [
    "/", "/?view=timelines", "/?view=table", "/?as_of=2025-10-28&subject=tr-am-az", "/?subject=tr-closure-1993",
    "/?subject=am-az-peace-agreement&view=timelines&kind=measure,instrument", "/subjects", "/subjects/margara",
    "/subjects/tr-closure-1993", "/subjects/am-az-peace-agreement", "/announcements", "/announcements?q=wheat&party=AM",
    "/announcements/turkey-closes-border-with-armenia", "/promises", "/promises?status=overdue&as_of=2025-11-01",
    "/difference", "/difference?before_as_of=2025-10-20&as_of=2025-11-06", "/changes",
    "/changes?from=2025-10-20&to=2025-11-06&about=margara", "/routes",
    "/routes?from=RU&to=AM&mode=rail&goods=1001&as_of=2025-10-25", "/about", "/method",
    "/?as_of=2026-05-01&subject=tr-am-az&suppose=lift%20tr-closure-1993",
    "/subjects/margara?as_of=2026-05-01&suppose=lift%20tr-closure-1993,lift%20nothing",
    "/routes?from=KZ&to=TR&modes=sea,rail&as_of=2026-05-01&suppose=lift%20tr-closure-1993",
]  # fmt: skip
FINLAND = Path(__file__).parents[1] / "data" / "fi-ru"
CLOSING = "/announcements/turkey-closes-border-with-armenia"
HOSTILE = [
    "/", "/?view=timelines&kind=border,crossing,corridor,measure,instrument", "/?view=table", "/?subject=AM-TR",
    "/?subject=ban", "/?subject=text", "/subjects", "/subjects/margara", "/subjects/road", "/subjects/ban",
    "/announcements", "/announcements/attack", "/promises", "/difference?before_as_of=2024-01-01",
    "/changes?from=1990-01-01&about=%3Cscript%3E", "/changes?from=1990-01-01",
    "/routes?from=TR&to=AM", "/about", "/?as_of=%3Cscript%3E", "/subjects/%3Cscript%3E",
    "/announcements?q=%3Cscript%3Ewindow", "/?subject=AM-TR&suppose=%3Cscript%3E", "/subjects/ban?suppose=lift%20ban",
    "/subjects/margara?suppose=lift%20ban,%3Cscript%3E", "/routes?from=TR&to=AM&suppose=lift%20ban",
    "/routes?from=TR&to=AM&suppose=%3Cscript%3E&modes=%3Cscript%3E",
]  # fmt: skip


@pytest.mark.parametrize("page", PAGES)
def test_a_page_stands_and_has_nothing_inline(client: httpx.Client, page: str) -> None:
    answer = client.get(page)
    assert answer.status_code == 200
    _closed(answer)


@pytest.mark.parametrize("page", HOSTILE)
def test_names_from_data_are_escaped(hostile: str, page: str) -> None:
    answer = httpx.get(hostile + page, timeout=60)
    assert answer.status_code in (200, 400, 404)
    _closed(answer)
    assert "<img" not in answer.text
    assert "49" not in re.sub(r"[0-9a-f]{40,}|\d{3,}", "", answer.text) or "{{7*7}}" in answer.text


def _closed(answer: httpx.Response) -> None:
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    scripts = re.findall(r"<script\b([^>]*)>", answer.text)
    assert all(re.search(r'src="/static/', script) for script in scripts)
    tags = re.sub(r'"[^"]*"', '""', " ".join(re.findall(r"<[a-zA-Z][^>]*>", answer.text)))
    assert not re.search(r"\s(style|on\w+)=", tags)
    assert not re.search(r"""(src|href)=["'](https?:)?//(?!.*rel="noopener)""", re.sub(r"<a [^>]*>", "", answer.text))


def test_the_first_view_is_drawn_without_scripts(client: httpx.Client) -> None:
    page = client.get("/?as_of=2025-10-28&subject=tr-am-az").text
    border = re.search(r'<a class="it border[^>]*data-id="AM-TR"[^>]*>', page)
    assert border
    assert 'data-s="closed"' in border[0]
    assert "Turkey&#39;s closure of its land border with Armenia (1993)" in page
    assert "stands in the way" in page


def test_the_timeline_says_what_the_queries_say(tracker: Tracker, timeline: Timeline) -> None:
    for day in ("1990-01-15", "2005-02-01", "2023-02-14", "2025-11-06"):
        clocks = tracker.clocks(day, None, None)
        for answer in state(tracker.record, clocks):
            if isinstance(answer, LanesState):
                said = {
                    (lane.mode, lane.traffic, lane.direction): look(lane.status, lane.otherwise)
                    for lane in answer.lanes
                }
                shown = {
                    (track.lane.mode, track.lane.traffic, track.lane.direction): track.status(clocks.as_of)
                    for track in timeline.tracks[answer.subject]
                    if track.lane
                }
                assert shown == said, (answer.subject, day)


def test_what_is_not_understood_is_said_on_a_page(client: httpx.Client) -> None:
    wrong = {
        "/?as_of=yesterday": "as of", "/?mode=boat": "mode", "/?goods=wheat": "HS prefix", "/?view=globe": "view",
        "/?from=2025-01-01&to=2024-01-01": "turn them around", "/promises?status=kept": "status",
    }  # fmt: skip
    for page, words in wrong.items():
        answer = client.get(page)
        assert (answer.status_code, words in answer.text) == (400, True), page
    for page in ("/subjects/nowhere", "/announcements/nothing", "/?subject=nowhere", "/fragment/nothing"):
        assert client.get(page).status_code == 404, page


def test_pages_have_the_statuses_of_the_api_on_a_page(client: httpx.Client) -> None:
    for method, path, status in (
        ("GET", "/?as_of=yesterday", 400), ("GET", "/subjects/nowhere", 404), ("GET", "/nothing", 404),
        ("POST", "/about", 405), ("GET", f"/?q={'a' * 9000}", 414), ("GET", "/announcements.xml", 400),
        ("GET", "/static/x/nothing.css", 404),
    ):  # fmt: skip
        answer = client.request(method, path)
        assert answer.status_code == status, path
        assert answer.headers["content-type"].startswith("text/html")
        assert answer.headers["cache-control"] == "no-store"
        assert 'class="lede"' in answer.text
    problem = client.get("/api/v1/nothing")
    assert (problem.status_code, problem.headers["content-type"]) == (404, "application/problem+json")


def test_pages_and_the_api_have_one_entity_tag_and_one_set_of_headers(client: httpx.Client) -> None:
    page, answer = client.get("/about").headers, client.get("/api/v1/state?limit=1").headers
    own = {"date", "content-length", "content-type", "x-request-id", "link"}
    assert {name: page[name] for name in set(page) - own} == {name: answer[name] for name in set(answer) - own}


def test_a_page_that_the_browser_holds_is_not_drawn_again(
    client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = ("/data/timeline.json", "/position", "/?as_of=2025-10-28", "/subjects/margara", "/promises")
    tags = {path: client.get(path).headers["etag"] for path in paths}
    monkeypatch.setattr(pages, "render", None)
    monkeypatch.setattr(pages, "timeline_json", None)
    for path, tag in tags.items():
        again = client.get(path, headers={"If-None-Match": tag})
        assert (again.status_code, again.content) == (304, b"")


def test_a_page_is_asked_for_again_though_its_question_is_settled(client: httpx.Client) -> None:
    """It shows more than the answer: the position, today, addresses of scripts."""
    query = "?as_of=2025-10-28&recorded_by=300"
    assert client.get(f"/subjects/margara{query}").headers["cache-control"] == "public, no-cache"
    assert client.get(f"/api/v1/subjects/margara/state{query}").headers["cache-control"] == "public, max-age=3600"


def test_another_state_of_knowledge_has_another_timeline(client: httpx.Client) -> None:
    known = client.get("/data/timeline.json?announced_by=2010-01-01")
    assert len(known.json()["announcements"]) < len(client.get("/data/timeline.json").json()["announcements"])


def test_all_that_a_page_needs_is_light(client: httpx.Client) -> None:
    page = client.get("/?as_of=2025-11-06")
    needed = {"/?as_of=2025-11-06", "/data/timeline.json", "/fragment/panel?as_of=2025-11-06"}
    needed |= set(re.findall(r'"(/static/[^"]+)"', page.text))
    weight = 0
    for path in needed:
        with client.stream("GET", path) as answer:
            weight += sum(map(len, answer.iter_raw()))
    assert weight <= 120_000
    assert int(client.head("/data/timeline.json").headers.get("content-length", 0)) <= 60_000


def test_downloads_hold_exactly_what_is_shown(client: httpx.Client) -> None:
    query = "?type=lift&year=2025"
    shown = re.findall(r'<a href="/announcements/([a-z0-9-]+)">', client.get(f"/announcements{query}").text)
    rows = list(csv.DictReader(io.StringIO(client.get(f"/announcements.csv{query}").text)))
    assert [row["id"] for row in rows] == shown
    assert [each["id"] for each in client.get(f"/announcements.json{query}").json()] == shown


def test_a_download_is_no_formula(hostile: str) -> None:
    rows = list(csv.DictReader(io.StringIO(httpx.get(f"{hostile}/announcements.csv").text)))
    assert [row["summary"] for row in rows] == ["'=HYPERLINK(1)", ATTACK]


def test_scripts_and_styles_never_grow_old(client: httpx.Client) -> None:
    page = client.get("/about").text
    [style] = re.findall(r'href="(/static/[^"]+main\.css)"', page)
    assert "immutable" in client.get(style).headers["cache-control"]
    assert client.get("/static/other/main.css").headers["cache-control"] == "no-cache"
    assert client.get("/static/x/..%2fpages.py").status_code == 404


def test_an_announcement_shows_status_before_and_after(client: httpx.Client) -> None:
    page = client.get("/announcements/turkey-closes-border-with-armenia").text
    row = page[page.index("What it changed") : page.index("Sources")]
    assert "Armenia – Turkey" in row
    assert "closed" in row
    assert "SHA-256" in page


def test_lists_pages_and_tabs_have_titles(client: httpx.Client) -> None:
    title = "Turkey bars aid for Armenia from crossing it and closes the border"
    page = client.get(CLOSING).text
    assert re.search(rf"<title>[^<]*{title}", page)
    assert f'<h1 class="statement">{title}' in page
    listed = client.get("/announcements?about=tr-closure-1993").text
    assert f'<a href="{CLOSING}">{title}' in listed
    assert title in client.get("/subjects/tr-closure-1993").text
    assert any(title in row[3] for row in client.get("/data/timeline.json").json()["announcements"])


def test_a_source_shows_its_kind(client: httpx.Client) -> None:
    assert re.search(r"<small>(official|agency|press|data)</small>", client.get(CLOSING).text)


def test_said_about_it_is_the_list_about_it(client: httpx.Client) -> None:
    for subject in ("margara", "AM-TR", "tr-am-az"):
        page = client.get(f"/subjects/{subject}").text
        number = re.search(r"Said about it <small>(\d+)</small>", page)
        assert number
        assert len(client.get(f"/announcements.json?about={subject}").json()) == int(number[1]) > 0


def test_facets_count_what_their_lists_have(client: httpx.Client) -> None:
    page = client.get("/announcements").text
    facet = page[page.index("<summary>About</summary>") :]
    values = re.findall(r'<a href="/announcements\?about=([^"]+)">[^<]+</a> <small>(\d+)</small>', facet)
    assert len(values) > 5
    for value, number in values:
        assert len(client.get(f"/announcements.json?about={value}").json()) == int(number)


def test_a_search_folds_words_and_takes_them_in_any_order(client: httpx.Client) -> None:
    def found(words: str) -> list[str]:
        return [each["id"] for each in client.get("/announcements.json", params={"q": words}).json()]

    assert found("WHEAT russia") == found("russia wheat") != []
    assert found("Մարգարա") == found("մարգարա") != []


def test_an_unknown_name_in_a_list_is_an_error_page(client: httpx.Client) -> None:
    for page in ("/announcements?about=nowhere", "/announcements?party=nobody", "/promises?party=nobody"):
        answer = client.get(page)
        assert answer.status_code == 404
        assert "is registered as" in answer.text


def test_a_view_may_name_where_goods_come_from_and_go(client: httpx.Client) -> None:
    lane = "/?view=table&as_of=2020-12-25&mode=road&goods=080810&kind=border"
    row = re.compile(r'data-select="AZ-RU".*?</tr>', re.DOTALL)
    status = re.compile(r'class="status" data-s="([a-z-]+)"')
    rows = {ends: row.search(client.get(lane + ends).text) for ends in ("", "&destination=RU")}
    words = {ends: status.search(match[0]) for ends, match in rows.items() if match}
    assert {ends: match[1] for ends, match in words.items() if match} == {"": "restricted", "&destination=RU": "closed"}
    answer = client.get("/?destination=Atlantis")
    assert answer.status_code == 404
    assert "Atlantis" in answer.text


def test_what_was_said_later_is_marked_on_a_page_as_of_a_date(client: httpx.Client) -> None:
    early, late = (
        client.get("/subjects/ru-az-ge-am", params={"as_of": day}).text for day in ("2025-10-25", "2026-05-31")
    )
    assert "(said later)" in early
    assert "(said later)" not in late
    assert "<small>later</small>" in early
    cited = client.get("/subjects/az-russian-transit-permission", params={"as_of": "2025-10-25"}).text
    assert 'overchuk-azerbaijan-confirms-transit">announcement</a> (said later)' in cited


def test_a_page_of_a_subject_folds_its_changes_to_those_of_the_status(client: httpx.Client) -> None:
    page = client.get("/subjects/margara").text
    short = client.get("/subjects/margara", params={"changes": "status"}).text
    assert "/subjects/margara?&amp;changes=status#changes" in page or "changes=status#changes" in page
    assert page.count('<tr><td class="nobr">') > short.count('<tr><td class="nobr">') > 0


def test_passages_that_do_not_count_are_counted(client: httpx.Client) -> None:
    page = client.get("/fragment/panel", params={"subject": "margara", "as_of": "2025-05-01"}).text
    assert re.search(r"<b>Passages</b> none seen \(\d+ before\)", page)


def test_the_difference_names_what_changed_and_leads_to_every_change(client: httpx.Client) -> None:
    page = client.get("/difference", params={"before_as_of": "2025-10-20", "as_of": "2025-11-06"}).text
    assert 'href="/announcements/aliyev-lifts-transit-to-armenia">Azerbaijan' in page
    assert 'href="/changes?from=2025-10-20&amp;to=2025-11-06"' in page
    every = client.get("/changes", params={"from": "2025-10-20", "to": "2025-11-06", "party": "Armenia"})
    assert every.status_code == 200
    assert "pashinyan-lifts-armenian-transit-restrictions" in every.text
    assert "overchuk-azerbaijan-confirms-transit" not in every.text
    table = client.get("/changes.csv", params={"from": "2025-10-20", "to": "2025-11-06"})
    assert table.headers["content-type"].startswith("text/csv")
    assert table.text.splitlines()[0].startswith("subject,kind,name,mode,traffic,direction,at,before,after")
    assert client.get("/changes", params={"from": "2025-11-06", "to": "2025-10-20"}).status_code == 400
    assert client.get("/changes", params={"about": "nowhere"}).status_code == 404


def test_the_pages_say_by_which_crossings_a_border_is_passed() -> None:
    with serving(events=FINLAND) as address:
        ask = "as_of=2023-12-14&mode=road&traffic=people"
        words = "through Vaalimaa and Niirala (6 of 8 shut)"
        assert words in httpx.get(f"{address}/?{ask}&subject=FI-RU").text
        assert words in httpx.get(f"{address}/?{ask}&view=table").text
        assert words in httpx.get(f"{address}/subjects/FI-RU?as_of=2023-12-14").text
        assert (
            "all 8 registered crossings shut" in httpx.get(f"{address}/?as_of=2024-12-01&view=table&kind=border").text
        )
        panel = httpx.get(f"{address}/?as_of=2024-12-01&mode=road&traffic=people&subject=FI-RU").text
        assert "at Vaalimaa" in panel  # a cause stands at its crossing, on the border
        assert "the whole route" not in panel


def test_closed_but_for_some_and_open_but_for_some_look_different(client: httpx.Client) -> None:
    closed = client.get("/?as_of=2025-03-25&view=table&mode=road&traffic=goods&kind=crossing").text
    assert 'data-s="closed-but-for"' in closed.split('id="margara')[-1]
    panel = client.get("/?as_of=2025-03-25&mode=road&traffic=goods&subject=margara").text
    assert "closed but for humanitarian aid" in panel
    other = client.get("/?as_of=2025-03-25&mode=road&traffic=people&subject=upper-lars").text
    assert '<section class="lane" data-s="restricted">' in other
    assert "open but for pedestrians and local residents" in other
    styles = client.get(re.search(r'href="(/static/[^"]*main\.css)"', panel)[1]).text  # type: ignore[index]
    for name in LOOKS:
        assert f':is(.it, .sample)[data-s="{name}"] > .outer' in styles
        assert f'<path id="g-{name}"' in panel
        assert f'data-count="{name}"' in client.get("/?as_of=2025-03-25").text


BAND = "Supposed, and not on the record:"


def test_each_gate_that_stands_in_the_way_may_be_supposed_open_and_dropped_again(client: httpx.Client) -> None:
    at = "/?as_of=2026-05-01&subject=tr-am-az"
    plain = client.get(at).text
    assert BAND not in plain
    assert "What would it take?" in plain
    assert "3 things missing" in plain
    links = {html.unescape(link) for link in re.findall(r'class="what-if" href="([^"]*)"', plain)}
    assert links == {f"{at[1:]}&suppose=lift%20{key}" for key in ("tr-closure-1993", "az-am-border-closure")} | {
        f"{at[1:]}&suppose=ready%20margara"
    }
    both = client.get(at + "&suppose=lift%20tr-closure-1993,lift%20az-am-border-closure,ready%20margara").text
    assert BAND in both
    assert "What would it take?" not in both
    assert '<section class="lane" data-s="open">' in both
    drops = [html.unescape(link) for link in re.findall(r'href="([^"]*)" aria-label="Drop: ', both)]
    assert drops[0] == f"{at[1:]}&suppose=lift%20az-am-border-closure,ready%20margara"
    assert len(drops) == 3
    [back] = re.findall(r'class="drop" href="([^"]*)"', both)
    assert html.unescape(back) == at[1:]


def test_the_panel_that_the_browser_asks_for_supposes_too(client: httpx.Client) -> None:
    panel = client.get("/fragment/panel?as_of=2026-05-01&subject=margara&suppose=lift%20tr-closure-1993").text
    assert BAND in panel
    assert ">supposed</span>" in panel
    assert BAND not in client.get("/fragment/panel?as_of=2026-05-01&subject=margara").text


def test_what_cannot_be_supposed_is_said_in_the_band_beside_the_record(client: httpx.Client) -> None:
    page = client.get("/subjects/margara?as_of=2026-05-01&suppose=lift%20nothing")
    assert page.status_code == 200
    assert BAND in page.text
    assert "no measure is registered as" in page.text
    assert '<section class="lane" data-s="closed">' in page.text


def test_routes_say_what_it_would_take_and_where_the_mode_changes(client: httpx.Client) -> None:
    page = client.get("/routes?from=KZ&to=TR&modes=sea,rail&as_of=2026-05-01").text
    assert "change from sea to rail in Azerbaijan (mainland): nothing on record" in page
    assert "What would it take?" in page
    supposed = client.get("/routes?from=AM&to=TR&mode=road&as_of=2026-05-01&suppose=lift%20tr-closure-1993").text
    assert BAND in supposed
    assert 'href="?from=AM&amp;to=TR&amp;mode=road&amp;as_of=2026-05-01"' in supposed
    assert client.get("/routes?from=AM&to=TR&suppose=lift%20nothing").status_code == 400
