"""In Debian's Chromium: open, play, step, filter, choose, share; quiet, accessible, and closed to hostile text.

Skipped, saying so, where Playwright or Chromium is not installed.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.web.conftest import EVENTS, serving
from tracker.services import records

pytestmark = pytest.mark.slow

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

READY = "html[data-ready]"
SIZE: Any = {"width": 1280, "height": 800}


class Visit:
    """A page, and everything that went wrong on it."""

    def __init__(self, page: "Page", site: str) -> None:
        self.page, self.site = page, site
        self.faults: list[str] = []
        page.on("console", lambda each: self.faults.append(each.text) if each.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("request", lambda each: None if each.url.startswith(site) else self.faults.append(each.url))

    def open(self, path: str) -> "Page":
        self.page.goto(self.site + path)
        self.page.wait_for_selector(READY, state="attached")
        return self.page

    def status(self, subject: str) -> str | None:
        return self.page.get_attribute(f'[data-id="{subject}"].it', "data-s")

    @property
    def address(self) -> str:
        self.page.wait_for_timeout(500)
        return self.page.url.removeprefix(self.site)


@pytest.fixture
def visit(browser: "Browser", site: str) -> Iterator[Visit]:
    context = browser.new_context(viewport=SIZE)
    visit = Visit(context.new_page(), site)
    yield visit
    context.close()
    assert visit.faults == []


def test_it_opens_and_shows_what_the_server_drew(visit: Visit) -> None:
    page = visit.open("/?as_of=2025-10-28")
    assert page.input_value("#as-of") == "2025-10-28"
    assert (visit.status("AM-TR"), visit.status("margara")) == ("closed", "closed")
    assert page.locator(".crossing:visible").count() > 15


def test_the_browser_agrees_with_the_server(visit: Visit) -> None:
    """What is painted after a step is what the server draws for that day."""
    page = visit.open("/?as_of=2020-01-01&mode=road,rail,air&traffic=goods,people")
    for day in ("1992-06-01", "2023-02-14", "2025-11-06", "2026-03-02"):
        page.fill("#as-of", day)
        page.press("#as-of", "Enter")
        painted = page.evaluate(MARKS)
        page.goto(f"{visit.site}/?as_of={day}&mode=road,rail,air&traffic=goods,people")
        page.wait_for_selector(READY, state="attached")
        drawn = re.findall(r'<a class="it[^>]*data-id="([^"]+)"[^>]*?(?: data-s="([^"]+)" data-b="([^"]+)")?(?: data-ahead="([^"]+)")?(?: aria-current="true")?(?: transform|>)', page.request.get(page.url).text())  # noqa: E501 # fmt: skip
        assert {key: list(rest) for key, *rest in drawn} == painted, day


MARKS = """() => Object.fromEntries([...document.querySelectorAll('#canvas .it')].map(
  (node) => [node.dataset.id, [node.dataset.s ?? '', node.dataset.b ?? '', node.dataset.ahead ?? '']]))"""


def test_it_steps_by_day_and_by_event(visit: Visit) -> None:
    page = visit.open("/?as_of=2025-10-26")
    page.click('[data-step="day"]')
    assert page.input_value("#as-of") == "2025-10-27"
    page.click('[data-step="-event"]')
    page.click('[data-step="-event"]')
    assert page.input_value("#as-of") < "2025-10-26"
    page.click("#slider", position={"x": 5, "y": 20})
    assert page.input_value("#as-of") < "1990"
    page.keyboard.press("End")
    page.keyboard.press("ArrowLeft")
    assert page.input_value("#as-of") > "2026-06-01"
    page.keyboard.press("Shift+ArrowLeft")
    assert page.get_attribute("#slider", "aria-valuetext") == page.input_value("#as-of") < "2026-07-15"


def test_it_plays_and_pauses(visit: Visit) -> None:
    page = visit.open("/?as_of=2025-10-01")
    page.click("[data-play]")
    page.wait_for_timeout(1500)
    page.keyboard.press("Escape")
    page.click("[data-play]")
    here = page.input_value("#as-of")
    assert "2025-10-20" < here < "2026-02-01"
    page.wait_for_timeout(300)
    assert page.input_value("#as-of") == here
    assert f"as_of={here}" in visit.address


def test_a_wrong_date_is_marked_and_changes_nothing(visit: Visit) -> None:
    page = visit.open("/?as_of=2025-10-28")
    page.fill("#as-of", "2025-02-30")
    page.press("#as-of", "Enter")
    assert page.get_attribute("#as-of", "aria-invalid") == ""
    assert "as_of=2025-10-28" in visit.address


def test_a_date_outside_the_time_shown_says_that_it_is_clamped(visit: Visit) -> None:
    page = visit.open("/?as_of=2025-10-28")
    page.fill("#as-of", "1900-01-01")
    page.press("#as-of", "Enter")
    assert page.text_content("#date-note:visible") == "1900-01-01 is outside the time shown: this is its first day"
    first = page.input_value("#as-of")
    assert "1985" < first < "1990"
    page.fill("#as-of", "2099-01-01")
    page.press("#as-of", "Enter")
    assert "2099-01-01 is outside the time shown: this is its last day" in (page.text_content("#date-note") or "")
    page.fill("#as-of", "2025-10-27")
    page.press("#as-of", "Enter")
    assert page.is_hidden("#date-note")


def test_a_refused_goods_code_leaves_no_trace_in_the_address(visit: Visit) -> None:
    page = visit.open("/?as_of=2025-10-28&goods=1001")
    page.fill('[name="goods"]', "wheat")
    page.press('[name="goods"]', "Enter")
    page.wait_for_selector("#toast:has-text('2 to 10 digits')")
    page.click('[data-step="day"]')
    assert visit.address == "/?as_of=2025-10-29&goods=1001"


def test_a_refused_clock_leaves_no_trace_in_the_address(visit: Visit) -> None:
    page = visit.open("/?as_of=2025-10-28&announced_by=2025-10-20")
    page.click(".known summary")
    page.fill('[name="announced_by"]', "yesterday")
    page.click(".known button[type=submit]")
    page.wait_for_selector("#toast:has-text('is not a date')")
    assert page.text_content("[data-known]") == "2025-10-20 (said)"
    assert visit.address == "/?as_of=2025-10-28&announced_by=2025-10-20"
    visit.faults = [fault for fault in visit.faults if "400" not in fault]  # the browser reports the refusal


def test_the_badge_shows_every_clock_that_is_set(visit: Visit) -> None:
    page = visit.open("/?as_of=2025-10-28&recorded_by=300")
    page.click(".known summary")
    page.fill('[name="announced_by"]', "2025-10-20")
    page.click(".known button[type=submit]")
    page.wait_for_selector("[data-known]:text-is('2025-10-20 (said), 300 (stored)')")


def test_a_place_opened_in_another_tab_is_of_the_day_shown(visit: Visit) -> None:
    page = visit.open("/?as_of=2025-10-28")
    page.click('[data-step="day"]')
    item = page.locator('[data-id="margara"].it')
    item.hover(force=True)
    assert item.get_attribute("href") == "/?as_of=2025-10-29&subject=margara"


@pytest.mark.parametrize("day", ["1992-06-01", "2025-10-28", "2026-03-02"])
def test_the_map_without_scripts_is_the_same_map(browser: "Browser", visit: Visit, day: str) -> None:
    address = f"/?as_of={day}&traffic=goods,people"
    painted = visit.open(address).evaluate(DRAWN)
    context = browser.new_context(viewport=SIZE)
    page = context.new_page()
    page.set_content(re.sub("<script.*?</script>", "", page.request.get(visit.site + address).text()))
    assert page.evaluate(DRAWN) == painted
    context.close()


DRAWN = """() => [...document.querySelectorAll('#canvas .it, #canvas [data-flag]')].map((node) => [
  node.dataset.id ?? node.dataset.flag, [...node.classList].sort().join(' '), node.dataset.s, node.dataset.b,
  node.dataset.ahead, node.dataset.on, node.getAttribute('aria-label'), node.getAttribute('href'),
  node.querySelector('.glyph')?.getAttribute('href')])"""


def test_timelines_shade_what_lies_after_the_day_that_the_coders_covered(visit: Visit) -> None:
    page = visit.open("/?as_of=2025-10-28&view=timelines&from=2026-01-01")
    drawn = float((page.get_attribute(".over .uncovered", "x") or "").rstrip("%"))
    assert 0 < drawn < 100
    page.click('[data-zoom="all"]')
    assert drawn < float((page.get_attribute(".over .uncovered", "x") or "").rstrip("%")) < 100
    page.wait_for_selector("#panel h2:has-text('2025-10-28')")
    assert page.locator("#panel .cover").count() == 0
    page.fill("#as-of", "2026-07-05")
    page.press("#as-of", "Enter")
    page.wait_for_selector("#panel .cover:has-text('Record up to 2026-06-30')")


def test_filters_change_the_map(visit: Visit) -> None:
    page = visit.open("/?as_of=2025-11-06")
    assert visit.status("ayrum") is not None
    page.click('.chip:has([value="rail"])')
    assert visit.status("ayrum") is None
    page.click('.chip:has([value="people"])')
    assert {"mode=road", "traffic=goods,people"} <= set(re.split("[?&]", visit.address))
    page.click('.chip:has([name="routes"])')
    assert not page.is_visible('[data-id="am-ge-ru"].it .outer')
    page.fill('[name="goods"]', "1001")
    with page.expect_response(lambda each: "timeline.json?goods=1001" in each.url):
        page.press('[name="goods"]', "Enter")


@pytest.mark.parametrize(
    ("subject", "words"),
    [("margara", "Margara"), ("AM-TR", "Armenia – Turkey"), ("ru-az-ge-am", "Russia–Azerbaijan")],
)
def test_each_kind_is_chosen_by_mouse_and_by_keyboard(visit: Visit, subject: str, words: str) -> None:
    page = visit.open("/?as_of=2025-11-06")
    item = page.locator(f'[data-id="{subject}"].it')
    box = page.evaluate(POINT_ON, subject)
    page.mouse.move(box["x"], box["y"])
    page.wait_for_selector("#tip:visible")
    page.mouse.click(box["x"], box["y"])
    page.wait_for_selector(f"#panel h2:has-text('{words}')")
    assert item.get_attribute("aria-current") == "true"
    page.keyboard.press("Escape")
    page.wait_for_selector("#panel h2:has-text('2025-11-06')")
    page.evaluate("document.activeElement.blur()")
    item.focus()
    page.wait_for_selector("#tip:visible")
    page.keyboard.press("Enter")
    page.wait_for_selector(f"#panel h2:has-text('{words}')")
    assert f"subject={subject}" in visit.address


POINT_ON = """(id) => {
  const node = document.querySelector(`[data-id="${id}"].it`), use = node.querySelector('.shape');
  if (use) { const box = use.getBoundingClientRect(); return { x: box.x + box.width / 2, y: box.y + box.height / 2 }; }
  const path = document.querySelector(node.querySelector('.outer').getAttribute('href'));
  const matrix = document.querySelector('#map').getScreenCTM(), long = path.getTotalLength();
  for (let share = 0.02; share < 1; share += 0.02) {
    const at = path.getPointAtLength(long * share).matrixTransform(matrix);
    if (document.elementFromPoint(at.x, at.y)?.closest('.it') === node) return { x: at.x, y: at.y };
  }
  throw new Error(`no point of ${id} can be clicked`);
}"""


def test_measures_and_texts_are_chosen_on_the_timelines(visit: Visit) -> None:
    page = visit.open("/?as_of=2025-11-06&view=timelines&kind=measure,instrument")
    page.click('.swim [data-select="tr-closure-1993"]')
    page.wait_for_selector("#panel h3:has-text('What became of it')")
    page.focus('.swim [data-select="am-az-peace-agreement"]')
    page.keyboard.press("Enter")
    page.wait_for_selector("#panel h3:has-text('Stages')")


def test_a_shared_address_shows_the_same_view(visit: Visit) -> None:
    page = visit.open("/?as_of=2025-10-21")
    page.click('.chip:has([value="people"])')
    page.locator('[data-id="margara"] .shape').click()
    page.wait_for_selector("#panel h2:has-text('Margara')")
    page.click('[data-zoom="in"]')
    page.click('[data-step="day"]')
    page.wait_for_timeout(600)
    before, address = page.evaluate(SEEN), visit.address
    visit.open(address)
    page.wait_for_timeout(300)
    assert page.evaluate(SEEN) == before


SEEN = """() => [document.querySelector('#as-of').value, document.querySelector('.ticks').getAttribute('viewBox'),
  document.querySelector('#panel h2').textContent, [...document.querySelectorAll(':checked')].map((each) => each.value),
  [...document.querySelectorAll('#canvas .it')].map((each) => each.getAttribute('aria-label')),
  document.querySelector('[aria-current].it')?.dataset.id]"""


def test_views_share_the_playhead(visit: Visit) -> None:
    page = visit.open("/?as_of=2025-10-28&view=timelines")
    at = page.get_attribute(".over .now", "x1")
    assert page.get_attribute("#slider .head", "x") == at
    page.keyboard.press(".")
    assert page.get_attribute(".over .now", "x1") != at
    page.keyboard.press("3")
    page.wait_for_selector("table.states")
    page.keyboard.press("1")
    page.wait_for_selector("#map")
    assert page.input_value("#as-of") == "2025-10-29"


def test_what_was_known_then_is_asked_of_the_server(visit: Visit) -> None:
    page = visit.open("/?as_of=2025-10-25")
    page.click(".known summary")
    page.click("[data-then]")
    page.wait_for_selector("[data-known]:text-is('2025-10-25 (said)')")
    assert "announced_by=2025-10-25" in visit.address
    page.wait_for_selector("#panel:not(.loading)")


def test_what_is_recorded_meanwhile_is_shown(browser: "Browser", tmp_path: Path) -> None:
    store = str(tmp_path / "record.sqlite")
    records.load(store, EVENTS)
    said = tmp_path / "turkey-will-open.toml"
    said.write_text(NEWS, encoding="utf-8")
    context = browser.new_context(viewport=SIZE)
    with serving(store=store) as address:
        visit = Visit(context.new_page(), address)
        page = visit.open("/?as_of=2026-06-15")
        assert page.get_attribute('[data-id="margara"].it', "data-ahead") is None
        records.record(store, [said])
        page.wait_for_timeout(700)
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        page.wait_for_selector("#toast:has-text('A test statement')")
        page.wait_for_selector('[data-id="margara"].it[data-ahead="unready"]')
        assert visit.faults == []
        context.close()


NEWS = """
announced = 2026-06-01
summary = "A test statement."
by = [{ party = "TR" }]
source = [{ publisher = "A paper" }]
[[effect]]
type = "lift"
measure = "tr-closure-1993"
from = 2026-08-01
"""


def test_the_light_and_the_dark_are_chosen_and_kept(visit: Visit) -> None:
    page = visit.open("/")
    page.click("[data-theme-toggle]")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    page.goto(f"{visit.site}/about")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"


def test_the_first_view_needs_no_script(browser: "Browser", site: str) -> None:
    context = browser.new_context(java_script_enabled=False, viewport=SIZE)
    page = context.new_page()
    page.goto(f"{site}/?as_of=2025-10-28&subject=tr-am-az")
    assert page.locator('[data-id="AM-TR"].it').get_attribute("data-s") == "closed"
    assert page.is_visible("#panel h2")
    page.fill("#as-of", "1990-01-01")
    page.press("#as-of", "Enter")
    assert "as_of=1990-01-01" in page.url
    context.close()


def test_hostile_text_does_not_run(browser: "Browser", hostile: str) -> None:
    context = browser.new_context(viewport=SIZE)
    visit = Visit(context.new_page(), hostile)
    for path in ("/?subject=AM-TR", "/?view=timelines&kind=border,measure,instrument", "/?view=table"):
        page = visit.open(path)
        page.wait_for_timeout(200)
        assert page.evaluate("window.hacked") is None, path
    page = visit.open("/")
    page.locator(".it.crossing, .it.border").first.hover(force=True)
    page.evaluate("document.querySelector('.it').focus()")
    page.wait_for_timeout(100)
    for path in ("/announcements/attack", "/subjects/ban", "/promises", "/announcements", "/about"):
        page.goto(hostile + path)
        assert page.evaluate("window.hacked") is None, path
    assert visit.faults == []
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    "path",
    [
        "/?as_of=2025-11-06&subject=tr-am-az", "/?as_of=2025-11-06&view=timelines", "/?as_of=2025-11-06&view=table",
        "/subjects", "/subjects/az-am-nx", "/announcements", "/announcements/turkey-closes-border-with-armenia",
        "/promises", "/difference?before_as_of=2025-10-20&as_of=2025-11-06", "/method",
        "/routes?from=RU&to=AM&mode=rail&as_of=2025-10-25",
    ],
)  # fmt: skip
def test_axe_has_no_serious_finding(browser: "Browser", site: str, axe: str, path: str, scheme: Any) -> None:
    context = browser.new_context(viewport=SIZE, color_scheme=scheme)
    page = context.new_page()
    page.goto(site + path)
    page.wait_for_timeout(600)
    page.evaluate(axe)
    found = page.evaluate(
        "axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'] })"
    )
    assert len(found["passes"]) > 10
    serious = [each for each in found["violations"] if each["impact"] in ("serious", "critical")]
    said = [(each["id"], [node["html"][:160] for node in each["nodes"][:4]]) for each in serious]
    context.close()
    assert said == [], json.dumps(said, indent=1)


@pytest.mark.parametrize("width", [360, 820, 1280, 1920])
def test_nothing_sticks_out_to_the_side(browser: "Browser", site: str, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 800})
    page = context.new_page()
    for path in (
        "/?as_of=2025-11-06&subject=tr-am-az",
        "/?view=timelines",
        "/subjects/tr-am-az",
        "/announcements",
        "/promises",
    ):
        page.goto(site + path)
        page.wait_for_timeout(250)
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, path
    context.close()
