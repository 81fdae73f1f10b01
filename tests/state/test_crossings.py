"""A border is as passable as the best of its crossings. Design §6 and §9."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from tests.dataset.records import record_of
from tests.state.worlds import worlds
from tracker.model.dates import close_of
from tracker.model.registry import Registry
from tracker.model.vocabulary import Mode, Status, Traffic
from tracker.state.lane_history import LaneHistory
from tracker.state.lane_statuses import Through
from tracker.state.lanes import Lane, lane_along, lanes
from tracker.state.record import Record, View
from tracker.state.status import SEVERITY, STATUSES, choose, severity
from tracker.state.sweep import Sweep

SLOW = settings(max_examples=min(25, settings().max_examples))
GATES = ("north", "mill", "oak", "ferry", "stone", "south")
REGISTRY = """
[dataset]
name = "Two banks"
timezone = "+02:00"
[party]
left = { name = "Left", kind = "state" }
right = { name = "Right", kind = "state" }
press = { name = "The press", kind = "media" }
[territory]
L = { name = "Left", authority = "left" }
R = { name = "Right", authority = "right", transit = "open" }
F = { name = "Far", authority = "right" }
[border]
L-R = { between = ["L", "R"], modes = ["road", "rail"], normally = "open"%s }
F-R = { between = ["R", "F"], modes = ["road"], normally = "open" }
[corridor]
far = { name = "To the far side", path = ["L", "R", "F"], modes = ["road"] }
[measure]
whole = { title = "x", authority = "left", kind = "restriction", level = "prohibited", scope = { at = ["L-R"] } }
entry = { title = "x", authority = "right", kind = "restriction", level = "prohibited", scope = { at = ["R"] } }
%s
"""


def gate(name: str) -> str:
    """A crossing of the border, with a measure that shuts it; the first has a railway, too."""
    modes = '"road", "rail"' if name == GATES[0] else '"road"'
    return f"""
[crossing.{name}]
border = "L-R"
modes = [{modes}]
names = {{ en = "{name}" }}
[measure.shut-{name}]
title = "x"
authority = "left"
kind = "restriction"
level = "prohibited"
scope = {{ at = ["{name}"] }}
"""


class Banks:
    """Two banks with six crossings between them, the first also of rail."""

    def __init__(self, folder: Path, crossings: str, *said: str) -> None:
        (folder / "registry").mkdir(parents=True)
        (folder / "2031").mkdir()
        gates = "".join(map(gate, GATES))
        (folder / "registry/all.toml").write_text(REGISTRY % (crossings, gates), encoding="utf-8")
        for number, text in enumerate(said):
            head = 'summary = "x"\nby = [{ party = "left" }, { party = "right" }]\nsource = [{ publisher = "x" }]\n'
            (folder / "2031" / f"a{number}.toml").write_text(head + text, encoding="utf-8")
        self.record = record_of(folder)[0]

    def lane(self, subject: str = "L-R", mode: str = "road") -> LaneHistory:
        view = self.record.view
        found: Any = view.registry.places[subject]
        wanted = (Mode(mode), Traffic.GOODS)
        lane = next(one for one in lanes(view.registry, found) if (one.mode, one.traffic) == wanted)
        return LaneHistory(view, lane)

    def at(self, day: str) -> int:
        return close_of(date.fromisoformat(day), self.record.tz)

    def status(self, day: str, subject: str = "L-R", mode: str = "road") -> str:
        history = self.lane(subject, mode)
        number = history.number(self.at(day))
        status = history.status(number)
        swept = Sweep(self.record.view).lane(history.lane).runs.at(np.array([self.at(day)]))
        assert (swept.status[0], swept.severity[0]) == (STATUSES.index(status), history.severity(number))
        return status

    def through(self, day: str, subject: str = "L-R", mode: str = "road") -> tuple[Through, ...]:
        history = self.lane(subject, mode)
        return history.through(history.number(self.at(day)))


def said(day: str, *effects: str) -> str:
    return f"announced = {day}\neffect = [{', '.join('{ ' + each + ' }' for each in effects)}]\n"


def imposed(*names: str) -> tuple[str, ...]:
    return tuple(f'type = "impose", measure = "shut-{name}"' for name in names)


ALL, SOME = ', crossings = "all"', ', crossings = "some"'
ALL_SHUT = said("2031-01-10", *imposed(*GATES))
ONE_REOPENED = said("2031-02-10", 'type = "lift", measure = "shut-mill"')
OAK_REOPENED = said("2031-03-20", 'type = "lift", measure = "shut-oak"')
MILL_SHUT = said("2031-04-01", *imposed("mill"))


def test_a_border_is_closed_when_all_of_its_crossings_are(tmp_path: Path) -> None:
    banks = Banks(tmp_path / "a", ALL, ALL_SHUT, ONE_REOPENED)
    assert banks.status("2031-01-09") == "presumed"
    assert banks.through("2031-01-09") == (Through("L-R", GATES, False, True, 0, 6),)
    assert banks.status("2031-01-10") == "closed"
    assert banks.through("2031-01-10") == (Through("L-R", (), False, False, 6, 6),)
    assert banks.status("2031-02-10") == "open"
    assert banks.through("2031-02-10") == (Through("L-R", ("mill",), False, False, 5, 6),)


@pytest.mark.parametrize("crossings", [SOME, ""])
def test_where_some_crossings_are_registered_there_is_another(tmp_path: Path, crossings: str) -> None:
    banks = Banks(tmp_path / "a", crossings, ALL_SHUT, ONE_REOPENED)
    assert banks.status("2031-01-10") == "presumed"
    assert banks.through("2031-01-10") == (Through("L-R", (), True, False, 6, 6),)
    assert banks.status("2031-02-10") == "open"
    assert banks.through("2031-02-10") == (Through("L-R", ("mill",), False, False, 5, 6),)


def test_crossings_count_for_their_own_modes(tmp_path: Path) -> None:
    shut = said("2031-01-10", *imposed("north"))
    assert Banks(tmp_path / "a", ALL, shut).status("2031-01-10", mode="rail") == "closed"
    assert Banks(tmp_path / "b", SOME, shut).status("2031-01-10", mode="rail") == "presumed"
    assert Banks(tmp_path / "c", ALL, shut).through("2031-01-10", mode="rail") == (
        Through("L-R", (), False, False, 1, 1),
    )


def test_a_measure_of_the_border_is_told_at_the_border_and_once(tmp_path: Path) -> None:
    banks = Banks(tmp_path / "a", SOME, said("2031-01-10", 'type = "impose", measure = "whole"'))
    assert banks.status("2031-01-10") == "closed"
    causes = banks.lane().verdict(banks.at("2031-01-10")).causes
    assert [(cause.place, cause.measure) for cause in causes if cause.measure] == [("L-R", "whole")]
    assert [cause.place for cause in causes if not cause.measure] == ["L", "L-R", "R"]


def test_a_closed_border_names_what_closes_each_crossing(tmp_path: Path) -> None:
    banks = Banks(tmp_path / "a", ALL, ALL_SHUT)
    causes = banks.lane().verdict(banks.at("2031-01-10")).causes
    assert [(cause.place, cause.measure) for cause in causes if cause.measure] == [
        (name, f"shut-{name}") for name in GATES
    ]


def test_where_another_place_closes_the_lane_its_crossings_are_no_cause(tmp_path: Path) -> None:
    banks = Banks(tmp_path / "a", ALL, ALL_SHUT, ONE_REOPENED, said("2031-03-10", 'type = "impose", measure = "entry"'))
    assert banks.status("2031-03-10") == "closed"
    causes = banks.lane().verdict(banks.at("2031-03-10")).causes
    assert [cause.measure for cause in causes if cause.measure] == ["entry"]


def test_a_corridor_that_names_no_crossing_takes_the_best_one(tmp_path: Path) -> None:
    banks = Banks(tmp_path / "a", ALL, ALL_SHUT, ONE_REOPENED)
    assert banks.status("2031-01-10", "far") == "closed"
    assert banks.through("2031-01-10", "far") == ()
    assert banks.status("2031-02-10", "far") == "open"
    assert banks.through("2031-02-10", "far") == (Through("L-R", ("mill",), False, False, 5, 6),)
    route = lane_along(banks.record.view.registry, ["L", "R"], Mode.ROAD, Traffic.GOODS)
    history = LaneHistory(banks.record.view, route)
    number = history.number(banks.at("2031-02-10"))
    assert history.status(number) == "open"
    assert [way.crossings for way in history.through(number)] == [("mill",)]


PASSED = 'type = "passage", at = "{at}", mode = "road", traffic = "goods", direction = "L>R", on = {on}, cargo = "x"'


def seen(at: str, on: str) -> str:
    return PASSED.format(at=at, on=on)


def test_passages_count_at_crossings_that_are_passable_now(tmp_path: Path) -> None:
    at_mill = said("2031-03-01", seen("mill", "2031-03-01"))
    banks = Banks(tmp_path / "a", ALL, ALL_SHUT, ONE_REOPENED, at_mill, OAK_REOPENED, MILL_SHUT)
    assert banks.status("2031-02-28") == "open"
    assert banks.status("2031-03-01") == banks.status("2031-03-31") == "operating"
    assert banks.status("2031-04-01") == "open"  # through oak, where nothing was seen
    assert banks.lane().passed(banks.at("2031-04-01")) == []
    assert len(banks.lane().passed(banks.at("2031-03-31"))) == 1


def test_a_passage_at_the_border_counts_since_the_border_became_passable(tmp_path: Path) -> None:
    at_border = said("2031-02-20", seen("L-R", "2031-02-20"))
    banks = Banks(tmp_path / "a", ALL, ALL_SHUT, ONE_REOPENED, at_border, OAK_REOPENED, MILL_SHUT)
    assert banks.status("2031-04-01") == "operating"  # by whatever crossing it went
    assert banks.status("2031-04-01", "oak") == "open"


def test_what_lies_ahead_is_what_changes_the_status_or_the_best_crossing(tmp_path: Path) -> None:
    ahead = said(
        "2031-01-20",
        'type = "lift", measure = "shut-mill", from = 2031-05-01',
        'type = "impose", measure = "shut-mill", from = 2031-06-01',
    )
    idle = said("2031-01-21", 'type = "impose", measure = "shut-ferry", from = 2031-05-15')
    banks = Banks(tmp_path / "a", ALL, ALL_SHUT, OAK_REOPENED, ahead, idle)
    tracks = banks.record.view.assertions.tracks
    assert [(tracks[move.track], move.status) for move in banks.lane().coming(banks.at("2031-04-01"))] == [
        ("measure:shut-mill", "open"),
        ("measure:shut-mill", "open"),
    ]  # by two crossings, then by one
    assert len(banks.lane("ferry").coming(banks.at("2031-04-01"))) == 1


def test_an_uncertain_closure_of_one_of_several_leaves_the_border_certain(tmp_path: Path) -> None:
    vague = said("2031-03-31", 'type = "impose", measure = "shut-mill", from = "2031-03"')
    one = Banks(tmp_path / "a", ALL, vague)
    assert one.lane("mill").uncertainty(one.at("2031-03-10")) is not None
    assert one.lane().uncertainty(one.at("2031-03-10")) is None
    last = said("2031-01-10", *imposed(*(name for name in GATES if name != "mill")))
    other = Banks(tmp_path / "b", ALL, last, vague)
    uncertain = other.lane().uncertainty(other.at("2031-03-10"))
    assert uncertain is not None
    assert uncertain.alternative == "closed"


def test_the_best_site_is_chosen_with_the_rest_of_the_lane() -> None:
    unready, one_sided, unverified = 16, 2 | 8, 2
    assert choose(0, ((unready, one_sided),)).status is Status.UNREADY
    assert choose(unverified, ((unready, one_sided),)).best == ((1,),)
    assert choose(0, ((unready, one_sided), (unverified,))).status is Status.ONE_SIDED


def unregistered(registry: Registry) -> Registry:
    return replace(registry, crossings={})


def lane_of(registry: Registry, subject: str, like: Lane) -> Lane | None:
    name = (like.mode, like.traffic, like.direction)
    found = lanes(registry, registry.places[subject])  # type: ignore[arg-type]
    return next((lane for lane in found if (lane.mode, lane.traffic, lane.direction) == name), None)


def judged(view: View, lane: Lane, at: int) -> Status:
    return LaneHistory(view, lane).verdict(at).status


@pytest.mark.slow
@SLOW
@given(record=worlds())
def test_a_border_has_the_status_of_its_best_crossing(record: Record) -> None:
    view = record.view
    for border in view.registry.borders.values():
        crossings = view.registry.crossings_of(border.id)
        for lane in lanes(view.registry, border):
            ways = [lane_of(view.registry, crossing.id, lane) for crossing in crossings]
            if border.crossings != "all" or not any(ways):
                ways.append(lane_of(unregistered(view.registry), border.id, lane))
            history = LaneHistory(view, lane)
            for number, at in enumerate(history.points):
                statuses = [judged(view, way, at) for way in ways if way]
                assert history.verdict(at).status is min(statuses, key=SEVERITY.__getitem__)
                best = [way for way in history.through(number) if way.border == border.id]
                assert not best or best[0].shut == sum(
                    SEVERITY[judged(view, way, at)] > 4 for way in ways if way and way.subject != border.id
                )


@pytest.mark.slow
@SLOW
@given(record=worlds())
def test_another_crossing_never_makes_a_border_worse(record: Record) -> None:
    view = record.view
    for border in view.registry.borders.values():
        for lane in lanes(view.registry, border):
            fewer = lane_of(unregistered(view.registry), border.id, lane)
            some = lane_of(replace_border(view.registry, border.id), border.id, lane)
            assert fewer is not None
            assert some is not None
            for at in LaneHistory(view, some).points:
                assert SEVERITY[judged(view, some, at)] <= SEVERITY[judged(view, fewer, at)]


def replace_border(registry: Registry, key: str) -> Registry:
    border = registry.borders[key].model_copy(update={"crossings": "some"})
    return replace(registry, borders={**registry.borders, key: border})


@pytest.mark.slow
@SLOW
@given(record=worlds())
def test_the_rest_is_told_of_restricted_lanes_alone_and_never_fares_better_by_an_exemption(record: Record) -> None:
    view = record.view
    for border in view.registry.borders.values():
        for lane in lanes(view.registry, border):
            history = LaneHistory(view, lane)
            for number in range(len(history.points)):
                rest = history.otherwise(number)
                assert rest is None or history.status(number) is Status.RESTRICTED
                assert rest is not Status.RESTRICTED
                assert history.severity(number) == severity(history.status(number), rest)
