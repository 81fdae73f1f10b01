"""Blocs: their measures are those of each member, and concern their outer edge. Design §3, §8 and §9."""

from pathlib import Path

import pytest

from tests.state.dated import agree, at, lane_of, said, status, world
from tracker.dataset.reader import read_dataset
from tracker.state.lane_history import LaneHistory
from tracker.state.needs import LaneNeeds
from tracker.state.record import Record
from tracker.state.scope import Question

REGISTRY = """
[dataset]
id = "test"
name = "A union"
timezone = "+00:00"
[party]
GB = { name = "Britain", kind = "state" }
FR = { name = "France", kind = "state" }
DE = { name = "Germany", kind = "state" }
CH = { name = "Switzerland", kind = "state" }
RU = { name = "Russia", kind = "state" }
EU = { name = "A union", kind = "bloc", members = [
  { party = "FR" },
  { party = "DE", from = 2000-01-01 },
  { territory = "NIR" },
  { party = "GB", until = 2021-01-01T00:00:00+01:00 },
] }
wide = { name = "A wider one", kind = "bloc", members = [{ party = "EU" }, { party = "CH", modes = ["rail"] }] }
[territory]
GB = { name = "Britain", authority = "GB" }
NIR = { name = "The north", authority = "GB" }
FR = { name = "France", authority = "FR", transit = "open" }
DE = { name = "Germany", authority = "DE", transit = "open" }
CH = { name = "Switzerland", authority = "CH", transit = "open" }
RU = { name = "Russia", authority = "RU" }
[border]
FR-GB = { between = ["FR", "GB"], modes = ["road"], normally = "open" }
DE-FR = { between = ["DE", "FR"], modes = ["road", "rail"], normally = "open" }
CH-DE = { between = ["CH", "DE"], modes = ["road", "rail"], normally = "open" }
CH-RU = { between = ["CH", "RU"], modes = ["road", "rail"], normally = "open" }
NIR-RU = { between = ["NIR", "RU"], modes = ["road"], normally = "open" }
[corridor]
across = { name = "x", path = ["RU", "CH", "DE", "FR"], modes = ["road", "rail"] }
through = { name = "x", path = ["RU", "CH", "DE", "FR", "GB"], modes = ["road"] }
[measure]
"""
BAN = """ban = { title = "x", authority = "EU", kind = "restriction", level = "prohibited", scope = { at = ["EU"] } }
"""
KIND = 'kind = "restriction", level = "prohibited"'


def on(regime: str, place: str = "EU", more: str = "") -> str:
    scope = f'{{ at = ["{place}"], regime = "{regime}" }}'
    return f'ban = {{ title = "x", authority = "EU", {KIND}{more}, scope = {scope} }}\n'


IMPOSED = said("1999-01-01", "EU", 'type = "impose", measure = "ban"')


def union(folder: Path, measures: str, *more: str) -> Record:
    record, problems = world(folder, REGISTRY + measures, IMPOSED, *more)
    assert [problem for problem in problems if problem.severity == "error"] == []
    return record


def test_a_ban_of_a_bloc_binds_a_member_until_it_has_left(tmp_path: Path) -> None:
    """A member that left at 23:00 UTC on 31 December 2020."""
    record = union(tmp_path / "a", BAN)
    lane = lane_of(record.view, "NIR-RU", "NIR>RU")
    assert status(record, lane, "2020-12-31T22:00:00+00:00") == "closed"
    assert status(record, lane, "2021-06-01") == "closed"  # a member by itself
    gb = lane_of(record.view, "FR-GB", "GB>FR")
    history = LaneHistory(record.view, gb)
    causes = {when: _measures_at(history, when, "GB") for when in ("2020-12-31T22:00:00", "2020-12-31T23:30:00")}
    assert causes == {"2020-12-31T22:00:00": ["ban"], "2020-12-31T23:30:00": [None]}
    [assumed] = [cause for cause in history.verdict(_at("2020-12-31T23:30:00")).causes if cause.place == "GB"]
    assert (assumed.level, assumed.lapsed) == ("assumed", False)
    agree(record.view, gb)


def _at(text: str) -> int:
    return at(f"{text}+00:00")


def _measures_at(history: LaneHistory, when: str, place: str) -> list[str | None]:
    return [cause.measure for cause in history.verdict(_at(when)).causes if cause.place == place]


def test_a_bloc_binds_a_member_from_the_day_it_joins(tmp_path: Path) -> None:
    record = union(tmp_path / "a", BAN)
    lane = lane_of(record.view, "CH-DE", "CH>DE")
    assert status(record, lane, "1999-12-31") == "presumed"
    assert status(record, lane, "2000-01-01") == "closed"
    history = LaneHistory(record.view, lane)
    assert [history.status(number) for number in history.runs()] == ["presumed", "closed"]
    agree(record.view, lane)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('{ party = "DE", from = 2000-01-01 }', '{ party = "DE", from = 2000-01-01, last_day = 2009-12-31 }'),
        (
            'DE = { name = "Germany", kind = "state" }',
            'DE = { name = "Germany", kind = "state", last_day = 2009-12-31 }',
        ),
        ('EU = { name = "A union", kind = "bloc"', 'EU = { name = "A union", kind = "bloc", last_day = 2009-12-31'),
    ],
)
def test_a_membership_ends_with_its_last_day_and_with_a_life(tmp_path: Path, old: str, new: str) -> None:
    assert old in REGISTRY
    record, _ = world(tmp_path, REGISTRY.replace(old, new) + BAN, IMPOSED)
    lane = lane_of(record.view, "CH-DE", "CH>DE")
    assert status(record, lane, "2009-12-31") == "closed"
    assert status(record, lane, "2010-01-01") != "closed"


@pytest.mark.parametrize(
    ("regime", "more", "expected"), [("export", "", "presumed"), ("export", ", inside = true", "restricted")]
)
def test_an_export_licence_does_not_reach_flows_between_members(
    tmp_path: Path, regime: str, more: str, expected: str
) -> None:
    record = union(tmp_path / "a", on(regime, more=more).replace('"prohibited"', '"restricted"'))
    lane = lane_of(record.view, "DE-FR", "DE>FR")
    assert status(record, lane, "2010-01-01") == expected
    agree(record.view, lane)
    outward = lane_of(record.view, "CH-DE", "DE>CH")
    assert status(record, outward, "2010-01-01") == "restricted"


def test_imports_are_at_the_edge_and_exports_where_they_leave(tmp_path: Path) -> None:
    record = union(tmp_path / "a", on("import"))
    history = LaneHistory(record.view, lane_of(record.view, "across", "RU>FR"))
    assert _prohibited(history) == ["DE"]
    assert LaneHistory(record.view, lane_of(record.view, "across", "FR>RU")).status(0) == "presumed"
    record = union(tmp_path / "b", on("export"))
    assert _prohibited(LaneHistory(record.view, lane_of(record.view, "across", "FR>RU"))) == ["DE"]
    assert _prohibited(LaneHistory(record.view, lane_of(record.view, "across", "RU>FR"))) == []


def test_transit_is_what_leaves_again(tmp_path: Path) -> None:
    record = union(tmp_path / "a", on("transit"))
    assert _prohibited(LaneHistory(record.view, lane_of(record.view, "across", "RU>FR"))) == []
    through = LaneHistory(record.view, lane_of(record.view, "through", "RU>GB"))
    assert _prohibited(through, "2010-01-01T00:00:00") == []  # to a member
    assert _prohibited(through, "2022-01-01T00:00:00") == ["DE", "FR"]
    agree(record.view, through.lane)


@pytest.mark.parametrize(
    ("subject", "direction", "when", "expected"),
    [
        ("through", "RU>GB", "2022-01-01", "restricted"),  # into the union and out again
        ("through", "GB>RU", "2022-01-01", "restricted"),
        ("through", "RU>GB", "2010-01-01", "presumed"),  # to a member
        ("through", "GB>RU", "2010-01-01", "presumed"),  # from a member
        ("across", "RU>FR", "2010-01-01", "presumed"),
        ("across", "FR>RU", "2010-01-01", "presumed"),
        ("CH-DE", "CH>DE", "2010-01-01", "restricted"),  # who passes one gate may go on
        ("CH-DE", "DE>CH", "2010-01-01", "restricted"),  # or come from further
        ("DE-FR", "DE>FR", "2010-01-01", "presumed"),  # from one member to another
        ("CH-RU", "CH>RU", "2010-01-01", "presumed"),  # outside
    ],
)
def test_transit_of_people_is_through_the_union(
    tmp_path: Path, subject: str, direction: str, when: str, expected: str
) -> None:
    record = union(tmp_path / "a", on("transit"))
    lane = lane_of(record.view, subject, direction, traffic="people")
    assert status(record, lane, when) == expected


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        (Question(), "restricted"),
        (Question(destination="RU"), "closed"),  # out of the union again
        (Question(destination="FR"), "presumed"),  # to another member
        (Question(destination="DE"), "presumed"),  # it stays
        (Question(origin="FR"), "presumed"),  # from another member
        (Question(origin="RU"), "restricted"),
    ],
)
def test_transit_of_goods_over_one_gate(tmp_path: Path, question: Question, expected: str) -> None:
    record = union(tmp_path / "a", on("transit"))
    assert status(record, lane_of(record.view, "CH-DE", "CH>DE"), "2010-01-01", question) == expected


def test_transit_of_goods_between_members_is_none(tmp_path: Path) -> None:
    record = union(tmp_path / "a", on("transit"))
    lane = lane_of(record.view, "DE-FR", "DE>FR")
    assert status(record, lane, "2010-01-01", Question(destination="FR")) == "presumed"
    assert status(record, lane, "2010-01-01", Question(origin="RU", destination="CH")) == "closed"
    assert status(record, lane, "2010-01-01", Question(origin="RU", destination="FR")) == "presumed"


def _prohibited(history: LaneHistory, when: str = "2010-01-01T00:00:00") -> list[str]:
    return [cause.place for cause in history.verdict(_at(when)).causes if cause.level == "prohibited"]


def test_goods_over_one_gate_may_stay_in_the_bloc_or_go_on(tmp_path: Path) -> None:
    record = union(tmp_path / "a", on("import"))
    lane = lane_of(record.view, "CH-DE", "CH>DE")
    assert status(record, lane, "2010-01-01") == "restricted"
    assert status(record, lane, "2010-01-01", Question(destination="FR")) == "closed"  # another member
    assert status(record, lane, "2010-01-01", Question(destination="RU")) == "presumed"
    assert status(record, lane, "2010-01-01", Question(origin="FR")) == "presumed"  # from one member to another
    assert status(record, lane, "2010-01-01", Question(origin="RU")) == "restricted"
    own = union(tmp_path / "b", on("import", place="DE"))
    assert status(own, lane_of(own.view, "CH-DE", "CH>DE"), "2010-01-01", Question(destination="FR")) == "presumed"


def test_a_ban_of_a_bloc_on_what_stays_and_of_a_member_on_what_goes_on_leave_nothing(tmp_path: Path) -> None:
    own = f'own = {{ title = "x", authority = "DE", {KIND}, scope = {{ at = ["DE"], regime = "transit" }} }}\n'
    record = union(tmp_path / "a", on("import") + own, said("2001-01-01", "DE", 'type = "impose", measure = "own"'))
    lane = lane_of(record.view, "CH-DE", "CH>DE")
    assert [status(record, lane, day) for day in ("2000-06-01", "2001-06-01")] == ["restricted", "closed"]
    agree(record.view, lane)


def test_a_permission_of_a_bloc_is_a_word_of_each_member(tmp_path: Path) -> None:
    leave = (
        'ban = { title = "x", authority = "EU", kind = "permission", level = "permitted", scope = { at = ["EU"] } }\n'
    )
    permitted = said("1999-01-01", "EU", 'type = "permit", measure = "ban"')
    record, _ = world(tmp_path / "a", REGISTRY + leave, permitted)
    lane = lane_of(record.view, "FR-GB", "GB>FR")
    levels = {
        when: [cause.level for cause in LaneHistory(record.view, lane).verdict(_at(when)).causes if cause.place == "GB"]
        for when in ("2020-06-01T00:00:00", "2022-06-01T00:00:00")
    }
    assert levels == {"2020-06-01T00:00:00": ["permitted"], "2022-06-01T00:00:00": ["assumed"]}
    agree(record.view, lane)


def test_a_bloc_in_a_scope_stands_for_its_members_on_the_day(tmp_path: Path) -> None:
    own = f'ban = {{ title = "x", authority = "CH", {KIND}, scope = {{ at = ["CH"], destination = ["EU"] }} }}\n'
    record, _ = world(tmp_path / "a", REGISTRY + own, said("1999-01-01", "CH", 'type = "impose", measure = "ban"'))
    lane = lane_of(record.view, "CH-DE", "CH>DE")
    assert status(record, lane, "1999-06-01") == "presumed"
    assert status(record, lane, "2000-06-01") == "closed"
    there = lane_of(record.view, "CH-RU", "RU>CH")
    asked = Question(destination="DE")
    assert [status(record, there, day, asked) for day in ("1999-06-01", "2000-06-01")] == ["presumed", "closed"]
    assert [status(record, there, "2020-06-01", Question(destination="GB"))] == ["closed"]
    assert [status(record, there, "2021-06-01", Question(destination="GB"))] == ["presumed"]


def test_a_member_may_be_a_bloc_and_one_for_some_modes(tmp_path: Path) -> None:
    wide = f'ban = {{ title = "x", authority = "wide", {KIND}, scope = {{ at = ["wide"] }} }}\n'
    record, _ = world(tmp_path / "a", REGISTRY + wide, said("1999-01-01", "wide", 'type = "impose", measure = "ban"'))
    assert status(record, lane_of(record.view, "CH-RU", "CH>RU", "rail"), "2010-01-01") == "closed"
    assert status(record, lane_of(record.view, "CH-RU", "CH>RU"), "2010-01-01") == "presumed"
    assert status(record, lane_of(record.view, "DE-FR", "DE>FR"), "2010-01-01") == "closed"


def test_an_exemption_by_a_member_counts_at_its_own_places(tmp_path: Path) -> None:
    freed = said("2001-01-01", "DE", 'type = "exempt", measure = "ban"')
    record = union(tmp_path / "a", BAN, freed)
    assert status(record, lane_of(record.view, "CH-DE", "CH>DE"), "2002-01-01") == "open"
    assert status(record, lane_of(record.view, "DE-FR", "DE>FR"), "2002-01-01") == "closed"  # France does not exempt
    everywhere = union(tmp_path / "b", BAN, freed.replace('"DE"', '"EU"'))
    assert status(everywhere, lane_of(everywhere.view, "DE-FR", "DE>FR"), "2002-01-01") == "open"


def test_a_border_is_both_neighbours(tmp_path: Path) -> None:
    at_border = BAN.replace('at = ["EU"]', 'at = ["DE-FR"]')
    freed = said("2001-01-01", "DE", 'type = "exempt", measure = "ban"')
    record = union(tmp_path / "a", at_border, freed)
    assert status(record, lane_of(record.view, "DE-FR", "DE>FR"), "2002-01-01") == "open"
    assert status(record, lane_of(record.view, "DE-FR", "DE>FR"), "2000-06-01") == "closed"


def test_a_word_of_a_bloc_is_counted_once(tmp_path: Path) -> None:
    """Whether it is a restriction to be lifted, or one that has lapsed for several members."""
    for name, last_day, kind in (("a", "", "lift"), ("b", ", last_day = 2001-12-31", "word")):
        imposed = IMPOSED.replace('measure = "ban"', f'measure = "ban"{last_day}')
        record, _ = world(tmp_path / name, REGISTRY + BAN, imposed)
        history = LaneHistory(record.view, lane_of(record.view, "across", "RU>FR"))
        [[need]] = LaneNeeds(history, _at("2002-06-01T00:00:00")).sets()
        assert (need.kind, need.authority, need.places) == (kind, "EU", ("DE", "FR"))


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ("[]", "has no members"),
        ('[{ party = "GB", territory = "NIR" }]', "give one of `party` and `territory`"),
        ('[{ party = "XX" }]', 'no party "XX" is registered'),
        ('[{ party = "wide" }]', "would be a member of itself (EU in wide in EU)"),
        ('[{ party = "GB", from = 2021-01-01, last_day = 2020-01-01 }]', "ends before it begins"),
        ('[{ party = "GB", from = "1993" }]', "is not one day"),
        ('[{ party = "GB", until = 2021-01-01 }]', "is a day, not an instant"),
    ],
)
def test_wrong_members_are_reported_where_they_stand(tmp_path: Path, members: str, message: str) -> None:
    start, end = REGISTRY.index("members = [\n"), REGISTRY.index("] }\nwide")
    text = REGISTRY[:start] + f"members = {members}" + REGISTRY[end + 1 :]
    (tmp_path / "registry").mkdir()
    (tmp_path / "registry/all.toml").write_text(text.replace("[measure]\n", ""), encoding="utf-8")
    _, problems = read_dataset(tmp_path)
    [problem] = [one for one in problems if message in one.message]
    assert problem.location.line > 1
