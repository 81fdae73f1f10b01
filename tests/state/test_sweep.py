"""Laws: a sweep over many lanes and the history of one lane say the same, whatever is asked and known."""

import json
from collections.abc import Iterator, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.dataset.records import ROOT, record_of
from tests.state.worlds import GOODS, LANDS, asked, every_lane, worlds
from tests.timeline.histories import LOCAL, a_day, logs
from tracker.model.dates import BEGINNING, FOREVER, Instant, close_of
from tracker.model.events import Recorded
from tracker.model.vocabulary import Status
from tracker.queries.clocks import read_instant
from tracker.queries.selection import Selection
from tracker.state.causal_runs import CausalRuns
from tracker.state.deciding import decisive_cause
from tracker.state.decision_changes import MEASURE_SHIFT, numbered
from tracker.state.fold import fold
from tracker.state.lane_history import LaneHistory
from tracker.state.lanes import Lane, Site, Step
from tracker.state.record import Record, View
from tracker.state.scope import ANYTHING, Question
from tracker.state.status import STATUSES, UNHINDERED
from tracker.state.sweep import Mark, Sweep
from tracker.state.tally import UNSET, Runs, Tally
from tracker.timeline.knowledge import Known

SLOW = settings(max_examples=min(25, settings().max_examples))
DAYS = st.integers(-5, 110).map(a_day)
ASKED_GOODS = [None, None, *GOODS, "100190"]
ASKED_ENDS = st.sampled_from([None, None, *LANDS])
QUESTIONS = st.builds(Question, st.sampled_from(ASKED_GOODS), asked(), ASKED_ENDS, ASKED_ENDS)
EXAMPLES = json.loads((Path(__file__).parents[1] / "data" / "worked_examples.json").read_text(encoding="utf-8"))
OF_LANES = [each for each in EXAMPLES if "lanes" in each["expect"] and "status" in each["expect"]["lanes"][0]]
StatusOfAll = tuple[Status, Status | None]  # and of the rest, where that is another
Causes = list[tuple[Instant, StatusOfAll, int]]
Statuses = list[tuple[Instant, StatusOfAll, Mark]]


def statuses_of(runs: Runs | CausalRuns) -> list[StatusOfAll]:
    codes = zip(runs.status.tolist(), runs.otherwise.tolist(), strict=True)
    return [(STATUSES[status], None if rest == UNSET else STATUSES[rest]) for status, rest in codes]


def swept(sweep: Sweep, lane: Lane) -> Statuses:
    one = sweep.lane(lane)
    begins = one.runs.instant.tolist()
    return list(zip(begins, statuses_of(one.runs), one.marks(begins), strict=True))


def by_its_history(view: View, lane: Lane, question: Question) -> Statuses:
    history, statuses = LaneHistory(view, lane, question), []
    for number in history.runs():
        edge, made = history.edge(number), history.made_by(number)
        mark = Mark(made[0] if made else None, edge is not None and edge.earliest != edge.latest)
        judged, status = history.verdict(history.points[number]).status, history.status(number)
        assert status is judged or (status is Status.OPERATING and judged in UNHINDERED)
        statuses.append((history.points[number], (status, history.otherwise(number)), mark))
    return statuses


def causes_swept(sweep: Sweep, lane: Lane) -> Causes:
    runs = sweep.lane(lane).causal_runs
    return list(zip(runs.instant.tolist(), statuses_of(runs), runs.cause.tolist(), strict=True))


def causes_in_its_history(view: View, lane: Lane, question: Question) -> Causes:
    history, causes = LaneHistory(view, lane, question), []
    for number in history.causal_runs():
        at, status = history.points[number], history.status(number)
        cause = decisive_cause(history.verdict(at).causes, status)
        causes.append((at, (status, history.otherwise(number)), cause.number if cause else 0))
    return causes


def assert_alike(view: View, question: Question = ANYTHING, lanes: Sequence[Lane] | None = None) -> None:
    sweep = Sweep(view, question)
    for lane in every_lane(view.registry) if lanes is None else lanes:
        assert swept(sweep, lane) == by_its_history(view, lane, question), lane
        assert causes_swept(sweep, lane) == causes_in_its_history(view, lane, question), lane


@cache
def the_record() -> Record:
    return record_of(ROOT / "events")[0]


@pytest.mark.slow
@SLOW
@given(record=worlds(), question=QUESTIONS, announced_by=st.none() | DAYS)
def test_a_sweep_and_a_history_of_a_lane_are_alike(
    record: Record, question: Question, announced_by: date | None
) -> None:
    assert_alike(record.view if announced_by is None else record.at(Known(close_of(announced_by, LOCAL))), question)


@pytest.mark.slow
@SLOW
@given(log=logs())
def test_also_after_corrections(log: list[Recorded]) -> None:
    assert_alike(fold(log).view)


def beside_in_its_history(view: View, lane: Lane, question: Question) -> list[set[str]]:
    """The measures that stand beside the status at some time of each cause."""
    history, found = LaneHistory(view, lane, question), list[set[str]]()
    begins = [history.points[number] for number in history.causal_runs()]
    for begin, end in zip(begins, [*begins[1:], FOREVER], strict=True):
        edges = (at for at in view.assertions.instants if begin < at < end)
        verdicts = [history.verdict(at) for at in (begin, *edges)]
        shown = [cause for one in verdicts for cause in (*one.exceptions, *one.formalities, *one.exposure)]
        found.append({str(cause.measure) for cause in shown})
    return found


@pytest.mark.slow
@SLOW
@given(record=worlds(beside=True), question=QUESTIONS)
def test_also_of_what_stands_beside_the_status(record: Record, question: Question) -> None:
    """Exceptions, formalities and exposure are the same measures at the same times."""
    view, sweep = record.view, Sweep(record.view, question)
    names = numbered(view.registry.measures)
    assert_alike(view, question)
    for lane in every_lane(view.registry):
        beside = [{names[number >> MEASURE_SHIFT] for number in run} for run in sweep.lane(lane).causal_runs.beside]
        assert beside == beside_in_its_history(view, lane, question), lane


@pytest.mark.parametrize(
    "flow",
    [
        Selection(),
        Selection(goods="1001"),
        Selection(goods="220820"),
        Selection(goods="0702"),
        Selection(only=("humanitarian aid",)),
        Selection(only=("Armenian lorries", "third-country nationals")),
        Selection(goods="0702", origin="AZ", destination="RU"),
        Selection(destination="AM"),
    ],
)
def test_also_in_the_real_record(flow: Selection) -> None:
    view = the_record().view
    assert_alike(view, flow.question(view.registry))


def with_alternatives(lane: Lane, sites: Sequence[Site]) -> Lane:
    """A lane that takes, at each of its gates, the best of that gate and of all others, wherever they lead."""

    def step(own: Step) -> Step:
        others = {site._replace(on_path=own.place): None for site in sites if site.direction is not None}
        return own if own.direction is None else Step(own.place, (*own.alternatives, *others))

    return lane._replace(steps=tuple(map(step, lane.steps)))


def sites_of(lanes: Sequence[Lane]) -> list[Site]:
    return list({site: None for lane in lanes for site in lane.sites})


@pytest.mark.slow
@SLOW
@given(record=worlds(), question=QUESTIONS)
def test_also_where_a_step_leaves_a_choice_between_sites(record: Record, question: Question) -> None:
    lanes = every_lane(record.view.registry)
    branched = [with_alternatives(lane, sites_of(lanes)) for lane in lanes]
    assert any(len(step.alternatives) > 1 for lane in branched for step in lane.steps)
    assert_alike(record.view, question, branched)


@pytest.mark.slow
@SLOW
@given(record=worlds())
def test_a_second_site_like_the_first_changes_no_status(record: Record) -> None:
    view = record.view
    for lane in every_lane(view.registry):
        twice = lane._replace(steps=tuple(Step(step.place, step.alternatives * 2) for step in lane.steps))
        one, other = LaneHistory(view, lane), LaneHistory(view, twice)
        assert [one.status(n) for n in range(len(one.points))] == [other.status(n) for n in range(len(one.points))]


@pytest.mark.slow
@SLOW
@given(record=worlds(), data=st.data())
def test_what_some_tracks_say_and_what_the_others_say_is_what_all_say(record: Record, data: st.DataObject) -> None:
    tracks = record.assertions.tracks
    some = record.together(data.draw(st.lists(st.sampled_from(tracks)))) if tracks else set()
    whole, parts = Sweep(record.view), [Sweep(record.about(each).view) for each in (some, set(tracks) - some)]
    for lane in every_lane(record.view.registry):
        one, other = (part.lane(lane).tally for part in parts)
        assert parts_of(one + other) == parts_of(whole.lane(lane).tally)
        assert len(one + -one) == 0


@pytest.mark.slow
@SLOW
@given(record=worlds())
def test_the_tracks_that_may_change_at_an_instant_tell_what_is_to_be_said_of_it(record: Record) -> None:
    whole = Sweep(record.view)
    for lane in every_lane(record.view.registry):
        for at, _, mark in swept(whole, lane):
            assertions = record.view.assertions if record.expressions else record.assertions
            tracks = [assertions.tracks[each] for each in assertions.tracks_at(np.array([at]))]
            assert Sweep(record.about(tracks).view).lane(lane).marks([at]) == [mark]


@pytest.mark.slow
@SLOW
@given(record=worlds())
def test_a_tally_is_unpacked_as_it_was(record: Record) -> None:
    sweep = Sweep(record.view)
    for lane in every_lane(record.view.registry):
        tally = sweep.lane(lane).tally
        assert parts_of(Tally.unpacked(tally.packed())) == parts_of(tally)


def test_it_does_not_matter_how_many_points_are_judged_at_once() -> None:
    view = the_record().view
    sweep = Sweep(view)
    for lane in every_lane(view.registry):
        tally = sweep.lane(lane).tally
        runs, in_parts = tally.runs(lane), tally.runs(lane, max_points=3)
        assert (in_parts.instant.tolist(), in_parts.status.tolist()) == (runs.instant.tolist(), runs.status.tolist())


@pytest.mark.slow
@SLOW
@given(record=worlds(), instants=st.lists(DAYS.map(lambda day: close_of(day, LOCAL)), max_size=5))
def test_the_status_at_an_instant_is_that_of_the_run_it_falls_in(record: Record, instants: list[Instant]) -> None:
    sweep = Sweep(record.view)
    for lane in every_lane(record.view.registry):
        history = LaneHistory(record.view, lane)
        numbers, runs = [history.number(at) for at in instants], sweep.lane(lane).runs
        at_instants = runs.at(np.array(instants, dtype=np.int64))
        assert statuses_of(at_instants) == [(history.status(number), history.otherwise(number)) for number in numbers]
        assert at_instants.severity.tolist() == [history.severity(number) for number in numbers]


def test_of_what_was_never_spoken_of_there_is_one_status(world_of_nothing: Record) -> None:
    for lane in every_lane(world_of_nothing.view.registry):
        [(at, _, mark)] = swept(Sweep(world_of_nothing.view), lane)
        assert (at, mark) == (BEGINNING, Mark(None, uncertain=False))
        assert Sweep(world_of_nothing.view).lane(lane).silent


@pytest.fixture
def world_of_nothing() -> Record:
    return the_record().about(())


def parts_of(tally: Tally) -> Sequence[tuple[int, ...]]:
    columns = (tally.instant, tally.key, tally.cause, tally.count)
    return list(zip(*(column.tolist() for column in columns), strict=True))


def lanes_of(example: dict[str, Any]) -> Iterator[Lane]:
    """The lanes of a worked example."""
    options = example["options"]
    for lane in every_lane(the_record().view.registry):
        named = {"mode": lane.mode, "traffic": lane.traffic, "direction": lane.direction}
        if (
            lane.subject == example["subject"]
            and named.items() >= {key: value for key, value in options.items() if key in named}.items()
        ):
            yield lane


@pytest.mark.parametrize("example", OF_LANES, ids=[f"{each['subject']}@{each['as_of']}" for each in OF_LANES])
def test_a_sweep_has_the_status_of_a_worked_example(example: dict[str, Any]) -> None:
    record, options = the_record(), example["options"]
    said_by = options.get("announced-by")
    view = record.at(Known(read_instant("announced-by", said_by, record.tz)) if said_by else Known())
    at = read_instant("as-of", example["as_of"], view.tz)
    flow = Selection(goods=options.get("goods"), only=tuple(filter(None, [options.get("only")])))
    sweep = Sweep(view, flow.question(view.registry))
    statuses = {STATUSES[sweep.lane(lane).runs.at(np.array([at])).status[0]] for lane in lanes_of(example)}
    assert statuses >= {Status(each["status"]) for each in example["expect"]["lanes"]}
