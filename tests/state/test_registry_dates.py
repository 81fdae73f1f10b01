"""Life spans, dated authorities, and what they do to lanes. Design §3, §6 and §9."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.state.dated import agree, at, lane_of, said, status, world
from tests.state.test_sweep import QUESTIONS, assert_alike
from tests.state.worlds import LANDS, every_lane, worlds
from tests.timeline.histories import a_day
from tracker.dataset.reader import read_dataset
from tracker.model.dates import FOREVER
from tracker.model.errors import Location
from tracker.model.register import Entries
from tracker.model.registry import Entry, Measure, Party, Subject
from tracker.model.vocabulary import PartyKind
from tracker.queries.lint import warnings
from tracker.state.lane_history import LaneHistory, lane_history
from tracker.state.lanes import Lane, lane_along
from tracker.state.measures import measure_standing
from tracker.state.record import Record
from tracker.state.scope import ANYTHING, Question

SLOW = settings(max_examples=min(12, settings().max_examples), deadline=None)
REGISTRY = """
[dataset]
id = "test"
name = "A pass"
timezone = "+00:00"
[party]
old = { name = "The republic", kind = "state" }
new = { name = "The movement", kind = "de-facto-authority" }
east = { name = "East", kind = "state" }
[territory]
W = { name = "West", authority = [{ party = "old" }, { party = "new", from = 2021-07-14 }] }
E = { name = "East", authority = "east"%s }
[border]
E-W = { between = ["E", "W"], modes = ["road"], normally = "open", crossings = "all" }
[crossing]
pass = { border = "E-W", modes = ["road"], names = { en = "The pass" }%s }
ford = { border = "E-W", modes = ["road"], names = { en = "The ford" }%s }
[measure]
ban = { title = "x", authority = "old", kind = "restriction", level = "prohibited", scope = { at = ["E-W"] } }
block = { title = "x", authority = "new", kind = "restriction", level = "prohibited", scope = { at = ["E-W"] } }
leave = { title = "x", authority = "new", kind = "permission", level = "permitted", scope = { at = ["E-W"] } }
"""


def pass_of(folder: Path, *announced: str, east: str = "", first: str = "", second: str = "") -> Record:
    record, problems = world(folder, REGISTRY % (east, first, second), *announced)
    assert [problem for problem in problems if problem.severity == "error"] == []
    return record


def test_whose_it_is_on_the_day_is_whose_leave_is_needed(tmp_path: Path) -> None:
    """An authority that changed on 14 July 2021; 27 July 2021."""
    record = pass_of(
        tmp_path / "a",
        said("2020-01-01", "old", 'type = "impose", measure = "ban"'),
        said("2021-07-20", "new", 'type = "permit", measure = "leave"'),
    )
    lane = lane_of(record.view, "E-W", "E>W")
    assert status(record, lane, "2021-07-13") == "closed"
    assert status(record, lane, "2021-07-14") == "presumed"  # what a replaced authority ordered counts no more
    assert status(record, lane, "2021-07-27") == "open"
    history = LaneHistory(record.view, lane)
    parties = {cause.authority for cause in history.verdict(at("2021-07-27")).causes}
    assert parties == {"new", "east"}
    agree(record.view, lane)


def test_a_blockade_by_another_goes_on_when_it_takes_over(tmp_path: Path) -> None:
    record = pass_of(tmp_path / "a", said("2021-07-01", "new", 'type = "impose", measure = "block"'))
    lane = lane_of(record.view, "E-W", "E>W")
    history = LaneHistory(record.view, lane)
    assert [history.status(number) for number in history.causal_runs()] == ["presumed", "closed"]
    before, after = (history.verdict(at(day)).causes[0] for day in ("2021-07-13", "2021-07-15"))
    assert (before.required, after.required) == (False, True)
    agree(record.view, lane)


def test_a_blockade_by_the_replaced_counts_as_anybody_elses(tmp_path: Path) -> None:
    record = pass_of(tmp_path / "a", said("2021-08-01", "old", 'type = "impose", measure = "ban"'))
    assert status(record, lane_of(record.view, "E-W", "E>W"), "2021-08-02") == "closed"


def test_a_side_of_a_crossing_may_have_another_authority(tmp_path: Path) -> None:
    sided = ', authorities = { W = [{ party = "old" }, { party = "new", from = 2022-01-01 }] }'
    record = pass_of(tmp_path / "a", said("2020-01-01", "old", 'type = "impose", measure = "ban"'), first=sided)
    lane = lane_of(record.view, "E-W", "E>W")
    history = LaneHistory(record.view, lane)
    assert status(record, lane, "2021-08-01") == "presumed"
    assert history.through(history.number(at("2021-08-01")))[0].crossings == ("ford",)
    assert history.through(history.number(at("2022-08-01")))[0].crossings == ("pass", "ford")
    agree(record.view, lane)


def test_a_border_is_unready_while_no_crossing_exists(tmp_path: Path) -> None:
    record = pass_of(
        tmp_path / "a",
        said("2020-01-01", "new", 'type = "impose", measure = "block"'),
        said("2020-02-01", "new", 'type = "lift", measure = "block"'),
        first=", last_day = 2022-12-31",
        second=", from = 2024-01-01",
    )
    lane = lane_of(record.view, "E-W", "E>W")
    expected = {"2020-01-15": "closed", "2022-06-01": "open", "2023-06-01": "unready", "2024-06-01": "open"}
    assert {day: status(record, lane, day) for day in expected} == expected
    history = LaneHistory(record.view, lane)
    way = {day: history.through(history.number(at(day)))[0] for day in ("2022-06-01", "2023-06-01", "2024-06-01")}
    assert [way[day].crossings for day in way] == [("pass",), (), ("ford",)]
    assert [(way[day].registered, way[day].shut, way[day].another) for day in way] == [
        (1, 0, False),
        (0, 0, False),
        (1, 0, False),
    ]
    assert lane_of(record.view, "ford", "E>W").life.begin == at("2024-01-01T00:00:00+00:00")
    agree(record.view, lane)


def test_a_border_exists_only_while_its_territories_do(tmp_path: Path) -> None:
    record = pass_of(tmp_path / "a", east=", from = 2000-01-01, last_day = 2009-12-31")
    begin, end = at("2000-01-01T00:00:00+00:00"), at("2010-01-01T00:00:00+00:00")
    for lane in every_lane(record.view.registry):
        assert lane.life == (begin, end)
        history = LaneHistory(record.view, lane)
        assert history.points[0] == begin
        agree(record.view, lane)
    assert lane_along(record.view.registry, ("E", "W"), lane.mode, lane.traffic).life == (begin, end)


def test_the_next_change_may_be_one_of_the_registry(tmp_path: Path) -> None:
    record = pass_of(tmp_path / "a", first=", last_day = 2022-12-31")
    dates = ["2020-01-01", "2021-07-14", "2022-12-31"]
    nexts = [record.view.next_change(at(day)) for day in dates]
    assert nexts == [at("2021-07-14T00:00:00+00:00"), *[at("2023-01-01T00:00:00+00:00")] * 2]
    assert record.view.next_change(at("2024-01-01")) == FOREVER


def test_an_amended_entry_never_rewrites_earlier_answers(tmp_path: Path) -> None:
    record = pass_of(tmp_path / "a", said("2020-01-01", "old", 'type = "impose", measure = "ban"'))
    position = record.position
    territory = record.registry().territories["W"].model_copy(update={"authority": "old"})
    amended = Entries((*record.entries, Entry.of(position + 1, territory)))
    later = replace(record, entries=amended, position=position + 1)
    when, known = at("2021-08-01"), later.view.known._replace(recorded_by=position)
    answers = [
        history.status(history.number(when))
        for view in (later.at(known), later.view)
        for history in [LaneHistory(view, lane_of(view, "E-W", "E>W"))]
    ]
    assert answers == ["presumed", "closed"]


def test_the_measures_of_a_party_lapse_when_it_ends(tmp_path: Path) -> None:
    ended = REGISTRY.replace('kind = "state" }\nnew', 'kind = "state", last_day = 2021-07-13 }\nnew')
    ban = said("2020-01-01", "old", 'type = "impose", measure = "ban", on_expiry = "ends"')
    eased = said("2020-02-01", "old", 'type = "exempt", measure = "ban", only = ["aid"]')
    record, problems = world(tmp_path / "a", ended % ("", "", ""), ban, eased)
    assert [problem for problem in problems if problem.severity == "error"] == []
    measure = record.registry().measures["ban"]
    states = [measure_standing(record.view, measure, at(day)).state for day in ("2021-07-13", "2021-07-14")]
    assert states == ["eased", "lapsed"]
    warned = warnings(record, datetime(2024, 1, 1, tzinfo=UTC), Location(""), lambda key, number: Location(key, number))
    assert any("who took it over" in one.message and one.location.path == "a0" for one in warned)
    agree(record.view, lane_of(record.view, "E-W", "E>W"))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('{ party = "new", from = 2021-07-14 }', '{ party = "new" }', "lacks the day from which on"),
        ('{ party = "new", from', '{ party = "newer", from', 'no party "newer" is registered'),
        ('{ party = "old" }', '{ party = "old", from = 2000-01-01 }', "leave its `from` out"),
        ("from = 2021-07-14 }]", 'from = 2021-07-14 }, { party = "old", from = 2021-01-01 }]', "put the list in order"),
        ('en = "The pass" }', 'en = "The pass" }, authorities = { X = "old" }', '"X" is no side of E-W'),
        ('en = "The pass" }', 'en = "x" }, from = 2020-01-01, last_day = 2019-01-01', "before it begins"),
        ('en = "The pass" }', 'en = "x" }, succeeds = "fort"', 'no crossing "fort" is registered'),
        ('en = "The pass" }', 'en = "x" }, from = "1993"', "is not one day"),
        ('level = "permitted"', 'inside = true, level = "permitted"', "leave it out"),
        ('kind = "de-facto-authority"', 'kind = "group", members = [{ party = "old" }]', 'write kind = "bloc"'),
    ],
)
def test_wrong_dates_are_reported_where_they_stand(tmp_path: Path, old: str, new: str, message: str) -> None:
    (tmp_path / "registry").mkdir()
    text = (REGISTRY % ("", "", "")).replace(old, new, 1)
    assert text != REGISTRY % ("", "", "")
    (tmp_path / "registry/all.toml").write_text(text, encoding="utf-8")
    problems = read_dataset(tmp_path)[1]
    [problem] = [one for one in problems if message in one.message]
    assert problem.location.line > 1


def with_subjects(record: Record, change: Mapping[str, Subject]) -> Record:
    """A record with other entries of some ids and kinds."""
    entries = [
        entry if entry.kind + entry.id not in change else Entry.of(entry.position, change[entry.kind + entry.id])
        for entry in record.entries
    ]
    new = [Entry.of(0, subject) for key, subject in change.items() if key not in {e.kind + e.id for e in entries}]
    return replace(record, entries=Entries((*new, *entries)))


def described(record: Record, lane: Lane, question: Question = ANYTHING) -> Iterator[tuple[object, ...]]:
    """Every run of a lane, with the measures that decide it, by whomever."""
    history = lane_history(record.view, lane, question)
    for number in history.turns():
        verdict = history.verdict(min(history.points[number], FOREVER - 1))
        causes = sorted((cause.place, cause.measure or "", cause.level) for cause in verdict.causes)
        beside = sorted((cause.place, cause.measure or "") for cause in verdict.exceptions)
        yield history.points[number], history.status(number), history.otherwise(number), causes, beside


@pytest.mark.slow
@SLOW
@given(record=worlds(), land=st.sampled_from(LANDS), question=QUESTIONS, by_id=st.booleans())
def test_a_bloc_of_one_member_equals_the_member(record: Record, land: str, question: Question, by_id: bool) -> None:
    """Also where scopes name the bloc in place of its territory."""
    bloc = Party(id="bloc", name="A bloc", kind=PartyKind.BLOC, members=({"party": land},))

    def with_bloc(measure: Measure) -> Measure:
        scope = {
            key: tuple("bloc" if name == land else name for name in names)
            for key in ("at", "origin", "destination")
            if not by_id and (names := getattr(measure.scope, key)) is not None
        }
        authority = "bloc" if measure.authority == land else measure.authority
        return measure.model_copy(update={"authority": authority, "scope": measure.scope.model_copy(update=scope)})

    measures = {f"measure{key}": with_bloc(measure) for key, measure in record.registry().measures.items()}
    other = with_subjects(record, {"partybloc": bloc, **measures})
    for one, two in zip(every_lane(record.registry()), every_lane(other.registry()), strict=True):
        assert list(described(record, one, question)) == list(described(other, two, question))
    assert_alike(other.view, question)


@pytest.mark.slow
@SLOW
@given(record=worlds())
def test_a_life_wider_than_every_date_equals_none(record: Record) -> None:
    life = {"from": a_day(-20_000), "last_day": a_day(20_000)}
    registry = record.registry()
    tables = registry.territories, registry.borders, registry.crossings, registry.corridors
    wide = {subject.type + key: _again(subject, **life) for table in tables for key, subject in table.items()}
    other = with_subjects(record, wide)
    for one, two in zip(every_lane(registry), every_lane(other.registry()), strict=True):
        assert [row[1:] for row in described(record, one)] == [row[1:] for row in described(other, two)]
        agree(other.view, two)


@st.composite
def dated(draw: st.DrawFn, record: Record) -> dict[str, Subject]:
    """Lives, authorities and memberships for the subjects of a world."""
    registry = record.registry()
    day = st.integers(-10, 100).map(a_day)
    found: dict[str, Subject] = {}
    for key, territory in registry.territories.items():
        charge = [{"party": key}, {"party": draw(st.sampled_from([*LANDS, "rebels"])), "from": draw(day)}]
        authority = draw(st.sampled_from([key, charge]))
        found[f"territory{key}"] = _again(territory, authority=authority)
    for key, crossing in registry.crossings.items():
        first, last = draw(st.tuples(st.integers(-10, 60), st.integers(60, 100)))
        life = draw(st.sampled_from([{}, {"from": a_day(first)}, {"last_day": a_day(last)}]))
        found[f"crossing{key}"] = _again(crossing, **life)
    members = [
        {"party": draw(st.sampled_from([*LANDS, "rebels"])), "from": draw(day)},
        {"territory": draw(st.sampled_from(LANDS)), "modes": draw(st.sampled_from([["road"], ["road", "rail"]]))},
    ]
    found["partybloc"] = Party.model_validate({"id": "bloc", "name": "A bloc", "kind": "bloc", "members": members})
    for key, measure in registry.measures.items():
        if draw(st.booleans()):
            ends = {name: draw(st.sampled_from([None, ["bloc"]])) for name in ("origin", "destination")}
            place = draw(st.sampled_from([list(measure.scope.at), ["bloc"]]))
            scope = {**measure.scope.model_dump(mode="json", exclude_none=True), "at": place, **ends}
            found[f"measure{key}"] = _again(measure, authority="bloc", scope=scope, inside=draw(st.booleans()))
    return found


def _again(subject: Subject, **changed: object) -> Subject:
    plain = subject.model_dump(mode="json", by_alias=True, exclude_none=True)
    return type(subject).model_validate({**plain, **changed})


@pytest.mark.slow
@SLOW
@given(record=worlds(), data=st.data(), question=QUESTIONS)
def test_both_drivers_agree_on_registries_with_dates(record: Record, data: st.DataObject, question: Question) -> None:
    other = with_subjects(record, data.draw(dated(record)))
    assert_alike(other.view, question)
