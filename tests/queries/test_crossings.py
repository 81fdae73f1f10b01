"""Finland's border with Russia, winter of 2023-24: eight road crossings, all registered (tests/data/fi-ru)."""

from pathlib import Path

import pytest

from tests.dataset.records import record_of
from tracker.model.vocabulary import Mode, Traffic
from tracker.queries.answers import LaneAnswer, LanesState
from tracker.queries.clocks import Clocks, read_instant
from tracker.queries.history import history
from tracker.queries.routes import Journey, routes
from tracker.queries.selection import Selection
from tracker.queries.state import state
from tracker.queries.why import WhyLanes, why
from tracker.state.record import Record
from tracker.timeline.knowledge import EVERYTHING, Known

FINLAND = Path(__file__).parents[1] / "data" / "fi-ru"
DAYS = """
2023-11-17        presumed  presumed  presumed  presumed  presumed
2023-11-18        closed    closed    closed    presumed  presumed
2023-11-24        closed    closed    closed    closed    presumed
2023-11-30        closed    closed    closed    closed    closed
2023-12-13        closed    closed    closed    closed    closed
2023-12-14        open      open      closed    closed    closed
2023-12-15T19:59+02:00  open    open    closed    closed    closed
2023-12-15T20:00+02:00  closed  closed  closed    closed    closed
2023-12-15        closed    closed    closed    closed    closed
2024-01-15        closed    closed    closed    closed    closed
2024-02-12        closed    closed    closed    closed    closed
2024-04-15        closed    closed    closed    closed    closed
2024-12-01        closed    closed    closed    closed    closed
"""
CROSSINGS = ("vaalimaa", "niirala", "nuijamaa", "salla", "raja-jooseppi")
BORDER = {
    "2023-11-17": ("presumed", None),
    "2023-11-18": ("presumed", "through Vartius, Kuusamo, Salla and Raja-Jooseppi (4 of 8 shut)"),
    "2023-11-24": ("presumed", "through Raja-Jooseppi (7 of 8 shut)"),
    "2023-11-30": ("closed", "all 8 registered crossings shut"),
    "2023-12-14": ("open", "through Vaalimaa and Niirala (6 of 8 shut)"),
    "2023-12-15": ("closed", "all 8 registered crossings shut"),
    "2024-12-01": ("closed", "all 8 registered crossings shut"),
}


@pytest.fixture(scope="module")
def finland() -> Record:
    record, problems = record_of(FINLAND)
    assert problems == ()
    return record


def clocks(record: Record, day: str, announced_by: str | None = None) -> Clocks:
    known = Known(read_instant("announced-by", announced_by, record.tz)) if announced_by else EVERYTHING
    return Clocks(read_instant("as-of", day, record.tz), known, day)


def people(subject: str) -> Selection:
    return Selection((subject,), mode=Mode.ROAD, traffic=Traffic.PEOPLE)


def lanes(record: Record, day: str, subject: str = "FI-RU", announced_by: str | None = None) -> tuple[LaneAnswer, ...]:
    [answer] = state(record, clocks(record, day, announced_by), people(subject))
    assert isinstance(answer, LanesState)
    return answer.lanes


@pytest.mark.parametrize("row", DAYS.strip().splitlines())
def test_each_crossing_is_what_was_decided_of_it(finland: Record, row: str) -> None:
    day, *statuses = row.split()
    for crossing, status in zip(CROSSINGS, statuses, strict=True):
        assert {lane.status.value for lane in lanes(finland, day, crossing)} == {status}, crossing


@pytest.mark.parametrize("day", BORDER)
def test_the_border_is_what_its_best_crossings_are(finland: Record, day: str) -> None:
    for lane in lanes(finland, day):
        [through] = lane.through
        assert (lane.status.value, through.text) == BORDER[day]


def test_what_was_known_before_the_reopening_was_called_off(finland: Record) -> None:
    known = {
        crossing: lanes(finland, "2024-01-10", crossing, "2023-12-13")[0].status
        for crossing in ("vaalimaa", "nuijamaa")
    }
    assert known == {"vaalimaa": "open", "nuijamaa": "closed"}
    assert lanes(finland, "2024-01-10", announced_by="2023-12-13")[0].through[0].crossings == ("vaalimaa", "niirala")
    assert lanes(finland, "2023-12-14", "vaalimaa", "2023-11-29")[0].status == "closed"


def test_a_closed_border_is_explained_by_each_measure_once(finland: Record) -> None:
    answer = why(finland, clocks(finland, "2024-12-01"), people("FI-RU"))
    assert isinstance(answer, WhyLanes)
    barred = [cause.measure for cause in answer.lanes[0].because if cause.level == "prohibited"]
    assert barred == [
        "fi-closure-vaalimaa-niirala",
        "fi-closure-nuijamaa-imatra",
        "fi-closure-north",
        "fi-closure-raja-jooseppi",
    ]
    [gate] = [station for station in answer.path if station.gate]
    assert {cause.place for cause in answer.lanes[0].because} <= {"FI", "RU", "FI-RU", *gate.crossings}
    assert len(gate.crossings) == 8


def test_the_history_has_a_row_for_each_change_of_the_best_crossings(finland: Record) -> None:
    [answer] = history(finland, clocks(finland, "2024-12-01"), people("FI-RU"))
    rows = [(change.at, change.status, change.through[0].shut) for change in answer.lanes[0].changes]
    assert rows == [
        (None, "presumed", 0),
        ("2023-11-18", "presumed", 4),
        ("2023-11-24", "presumed", 7),
        ("2023-11-30", "closed", 8),
        ("2023-12-14", "open", 6),
        ("2023-12-15T20:00:00+02:00", "closed", 8),
    ]


def test_a_route_takes_the_best_crossing(finland: Record) -> None:
    journey = Journey("FI", "RU", Mode.ROAD, Traffic.PEOPLE)
    best = [routes(finland, clocks(finland, day), journey).routes[0] for day in ("2023-12-14", "2024-12-01")]
    assert [route.status for route in best] == ["open", "closed"]
    assert best[0].lane.through[0].crossings == ("vaalimaa", "niirala")


def test_the_railway_has_no_registered_crossing(finland: Record) -> None:
    [answer] = state(finland, clocks(finland, "2024-12-01"), Selection(("FI-RU",), mode=Mode.RAIL))
    assert isinstance(answer, LanesState)
    assert {(lane.status.value, lane.through) for lane in answer.lanes} == {("presumed", ())}
