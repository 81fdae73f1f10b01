"""The reason of every lane is the one that decides on the day, wherever it is shown."""

import sqlite3
from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.web.conftest import EVENTS
from tracker.model.dates import close_of
from tracker.model.registry import Border, Corridor, Crossing
from tracker.presentation.statuses import look
from tracker.queries.answers import LaneAnswer, LanesState
from tracker.queries.history import history
from tracker.queries.selection import Selection
from tracker.queries.state import state
from tracker.queries.why import WhyLanes, why
from tracker.services import records
from tracker.services.records import Tracker
from tracker.state.deciding import decisive_cause
from tracker.state.lane_history import lane_history
from tracker.state.lanes import lanes
from tracker.web.statuses_at import StatusesAt
from tracker.web.timeline import Timeline
from tracker.web.url_params import ViewParams
from tracker.web.views.lanes import table_rows
from tracker.web.views.why import why_view

DAYS = [
    "1991-01-15", "1991-11-30", "1992-12-31", "1993-04-02", "1993-04-03", "1993-04-04", "1998-07-01", "2001-03-01",
    "2008-08-12", "2011-05-11", "2011-05-12", "2014-09-01", "2016-06-30", "2020-03-01", "2020-11-10", "2020-12-31",
    "2021-01-01", "2022-01-01", "2023-02-10", "2023-02-11", "2023-02-18", "2024-01-12", "2025-03-20", "2025-03-21",
    "2025-04-01", "2025-10-20", "2025-10-27", "2025-10-28", "2025-11-06", "2026-05-31",
]  # fmt: skip
Key = tuple[str, str, str, str]


def key_of(subject: str, lane: Any) -> Key:
    return subject, lane.mode.value, lane.traffic.value, lane.direction


def by_lane(answers: list[Any]) -> dict[Key, LaneAnswer]:
    return {key_of(answer.subject, lane): lane for answer in answers if isinstance(answer, LanesState)
            for lane in answer.lanes}  # fmt: skip


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("reasons") / "record.sqlite"
    records.load(str(path), EVENTS)
    return path


@pytest.mark.slow
@pytest.mark.parametrize("day", DAYS)
def test_the_reason_on_a_day_is_the_same_everywhere(
    day: str, tracker: Tracker, timeline: Timeline, store: Path
) -> None:
    record, clocks = tracker.record, tracker.clocks(day, None, None)
    answers = by_lane(state(record, clocks, Selection()))
    assert len(answers) > 100

    table = dict(_in_the_table(StatusesAt(timeline, clocks)))
    assert table == {key: (look(lane.status, lane.otherwise), lane.reason) for key, lane in answers.items()}

    panels: dict[Key, str] = {}
    whys: dict[Key, str] = {}
    for subject in dict.fromkeys(key[0] for key in answers):
        panel = why_view(tracker, clocks, ViewParams.of({"as_of": day}), subject)
        panels |= {key_of(subject, lane): view.lane.reason for view in panel.lanes for lane in view.lanes}
        answer = why(record, clocks, Selection((subject,)))
        assert isinstance(answer, WhyLanes)
        whys |= {key_of(subject, lane): lane.reason for lane in answer.lanes}
    assert panels == whys == {key: lane.reason for key, lane in answers.items()}

    causes = {}
    for name, lane in _lanes(timeline):
        verdict = lane_history(timeline.view, lane).verdict(clocks.as_of)
        cause = decisive_cause(verdict.causes, answers[name].status)
        causes[name] = (answers[name].status.value, cause.measure if cause else None)
    assert dict(_in_the_view(store, day, timeline)) == causes


def _lanes(timeline: Timeline) -> Iterator[tuple[Key, Any]]:
    for subject in timeline.view.registry.with_state.values():
        if isinstance(subject, Border | Crossing | Corridor):
            yield from ((key_of(subject.id, lane), lane) for lane in lanes(timeline.view.registry, subject))


def _in_the_table(statuses: StatusesAt) -> Iterator[tuple[Key, tuple[str, str]]]:
    view = ViewParams.of({"mode": "road,rail,air,sea,pipeline", "traffic": "goods,people"})
    for row in table_rows(statuses, view):
        tracks = statuses.timeline.tracks[row.group.id]
        for number in row.row.numbers.split(","):
            lane = tracks[int(number)].lane
            if lane is not None:
                yield key_of(row.group.id, lane), (row.status, row.reason)


def _in_the_view(store: Path, day: str, timeline: Timeline) -> Iterator[tuple[Key, tuple[str, str | None]]]:
    at = f"strftime('%Y-%m-%d %H:%M:%f', {close_of(date.fromisoformat(day), timeline.tz) // 1_000_000}, 'unixepoch')"
    sql = f"""SELECT subject, mode, traffic, direction, status, cause_measure FROM v_status_interval
        WHERE mode IS NOT NULL AND (valid_from IS NULL OR valid_from <= {at})
        AND (valid_to IS NULL OR valid_to > {at})"""
    connection = sqlite3.connect(store)
    try:
        yield from (((row[0], row[1], row[2], row[3]), (row[4], row[5])) for row in connection.execute(sql))
    finally:
        connection.close()


def test_a_history_has_no_two_rows_alike_and_folds_to_words(tracker: Tracker) -> None:
    clocks = tracker.clocks(None, None, None)
    whole, folded = (history(tracker.record, clocks, Selection(), status_only=only) for only in (False, True))
    longer = 0
    for one, other in zip(whole, folded, strict=True):
        for lane, short in zip(one.lanes, other.lanes, strict=True):
            statuses = [change.status for change in short.changes]
            assert all(first != second for first, second in pairwise(statuses))
            assert [change.at for change in short.changes] == [
                change.at
                for number, change in enumerate(lane.changes)
                if not number or lane.changes[number - 1].status != change.status
            ]
            assert short.changes[-1].until is lane.changes[-1].until is None
            longer += len(lane.changes) > len(short.changes)
    assert longer > 20
