"""Laws of the map, of the axis of time and of addresses; dates, links and Markdown."""

import math
import re
from itertools import combinations, pairwise
from urllib.parse import parse_qsl

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.model.registry import Registry
from tracker.model.vocabulary import Mode, SubjectKind, Traffic
from tracker.web.map_geometry import path_of, region_of, sketch
from tracker.web.map_layout import SYMBOL_DISTANCE, crossing_box, overlap, sheet_of, spread, territory_box
from tracker.web.templating import markdown, web
from tracker.web.time_axis import AXIS_UNITS, dense, ticks
from tracker.web.timeline import Timeline
from tracker.web.url_params import SCALES, VIEWS, ViewParams

POINTS = st.dictionaries(
    st.text(min_size=1, max_size=4), st.tuples(st.floats(0, 60), st.floats(0, 60)), min_size=2, max_size=9
)


@given(POINTS)
def test_spread_symbols_do_not_overlap(points: dict[str, tuple[float, float]]) -> None:
    for (ax, ay), (bx, by) in combinations(spread(points).values(), 2):
        assert math.hypot(bx - ax, by - ay) > SYMBOL_DISTANCE * 0.8


def test_symbols_that_stand_free_stay_where_they_are() -> None:
    assert spread({"a": (0, 0), "b": (100, 0)}) == {"a": (0.0, 0.0), "b": (100.0, 0.0)}


def test_names_on_the_sheet_do_not_collide(timeline: Timeline) -> None:
    sheet = timeline.sheet
    boxes = [(symbol.name, crossing_box(symbol)) for symbol in sheet.crossings]
    boxes += [(name.text, territory_box(name)) for name in sheet.names]
    assert [(a, b) for (a, one), (b, other) in combinations(boxes, 2) if overlap(one, other) > 0] == []


def test_nothing_of_the_record_is_off_the_sheet(timeline: Timeline) -> None:
    sheet, registry = timeline.sheet, timeline.view.registry
    assert sheet.drawn
    assert sheet.unplaced == ("KZ-RU",)
    assert {each.id for each in sheet.crossings} == set(registry.crossings)
    assert {each.id for each in sheet.routes} == set(registry.corridors)
    for line in sheet.borders:
        assert 0 <= line.middle[0] <= sheet.size[0]
        assert 0 <= line.middle[1] <= sheet.size[1]


def test_a_region_is_found_by_its_territories_and_else_sketched(timeline: Timeline) -> None:
    registry = timeline.view.registry
    assert region_of(registry).name == "South Caucasus"
    land, border = registry.territories["AM"], registry.borders["AM-TR"]
    elsewhere = Registry.of(
        [
            registry.dataset,
            *(land.model_copy(update={"id": key, "name": key}) for key in ("PT", "ES", "FR")),
            border.model_copy(update={"id": "ES-PT", "between": ("ES", "PT")}),
        ]
    )
    assert not region_of(elsewhere).drawn
    sheet = sheet_of(elsewhere)
    assert [each.id for each in sheet.borders] == ["ES-PT"]
    assert sketch(elsewhere).labels.keys() == {"PT", "ES", "FR"}


@given(st.lists(st.tuples(st.integers(0, 999), st.integers(0, 999)), min_size=2, max_size=20))
def test_a_path_ends_where_its_last_point_is(points: list[tuple[int, int]]) -> None:
    text = path_of([[(x / 2, y / 2) for x, y in points]])
    numbers = [float(each) for each in re.findall(r"-?[\d.]+", text)]
    assert sum(numbers[0::2]) == points[-1][0] / 2
    assert sum(numbers[1::2]) == points[-1][1] / 2


@given(st.lists(st.floats(7000, 20000), max_size=60), st.lists(st.floats(6990, 20010), min_size=2, max_size=10))
def test_a_scale_never_turns_back(events: list[float], days: list[float]) -> None:
    scale = dense(events, 7000, 20000)
    places = [scale.x(day) for day in sorted(days)]
    assert places == sorted(places)
    assert (scale.x(7000), scale.x(20000)) == (0, AXIS_UNITS)


@given(st.integers(7000, 15000), st.integers(30, 5000))
def test_labels_on_the_axis_do_not_touch(begin: int, length: int) -> None:
    scale = dense([begin + 5.0] * 30, 6900, 20500)
    for one, other in pairwise(ticks(scale, begin, begin + length)):
        assert other.at - one.at >= 4.19


VIEW_PARAMS = st.builds(
    ViewParams,
    as_of=st.none() | st.dates().map(str),
    announced_by=st.none() | st.dates().map(str),
    mode=st.sets(st.sampled_from(Mode), min_size=1).map(lambda chosen: tuple(m for m in Mode if m in chosen)),
    traffic=st.sets(st.sampled_from(Traffic), min_size=1).map(lambda chosen: tuple(t for t in Traffic if t in chosen)),
    kind=st.sets(st.sampled_from(SubjectKind), min_size=1).map(lambda some: tuple(k for k in SubjectKind if k in some)),
    goods=st.none() | st.from_regex(r"[0-9]{2,6}", fullmatch=True),
    subject=st.none() | st.just("AM-TR"),
    view=st.sampled_from(VIEWS),
    scale=st.sampled_from(SCALES),
    start=st.none() | st.dates().map(str),
    overlay=st.booleans(),
    routes=st.booleans(),
    suppose=st.sampled_from([(), ("lift tr-closure-1993",), ("lift x", "ready margara")]),
)


@given(VIEW_PARAMS)
def test_an_address_shows_the_same_view_again(view: ViewParams) -> None:
    assert ViewParams.of(dict(parse_qsl(view.query.removeprefix("?")))) == view


def test_only_web_addresses_are_linked() -> None:
    assert (web("https://a.example"), web("javascript:alert(1)"), web(None)) == ("https://a.example", None, None)


def test_markdown_is_rendered_with_tables() -> None:
    text = "# A `<b>`\n\n- **one**\n- [two](https://x.example)\n\n| a | b |\n|---|---|\n| <i> | 1 |"
    assert markdown(text).replace("\n", "") == (
        "<h1>A <code>&lt;b&gt;</code></h1>"
        '<ul><li><strong>one</strong></li><li><a href="https://x.example">two</a></li></ul>'
        '<table><thead><tr><th scope="col">a</th><th scope="col">b</th></tr></thead>'
        "<tbody><tr><td>&lt;i&gt;</td><td>1</td></tr></tbody></table>"
    )


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("see [scale.md](scale.md#parts), please", "<p>see scale.md, please</p>"),
        ("[a](/about) [b](../README.md) [c](https://x.example)",
         '<p><a href="/about">a</a> b <a href="https://x.example">c</a></p>'),
        ("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"),
        ("[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>"),
    ],
)  # fmt: skip
def test_markdown_links_to_pages_alone_and_has_no_raw_html(written: str, shown: str) -> None:
    assert markdown(written).strip() == shown


def test_the_method_shows_no_raw_link(client: httpx.Client) -> None:
    page = client.get("/method").text
    assert "How the record tests itself" in page
    assert "](" not in page
    assert not re.search(r'href="[^"]*\.md', page)
