"""Hours and seasons: the columns agree with the oracle at any instant; nothing changes between two next instants."""

from datetime import UTC, date, datetime, time, timedelta, timezone
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.timeline.histories import LOCAL, MEASURES, a_day, logs
from tests.timeline.oracle import claims
from tracker.model.dates import FOREVER, Edge, instant, zone
from tracker.model.events import Recorded
from tracker.state.fold import fold
from tracker.state.record import Record
from tracker.timeline.assertions import measure_track
from tracker.timeline.columns import Hold
from tracker.timeline.hours import Moment, hold_at, is_season, next_change, tiles
from tracker.timeline.knowledge import EVERYTHING, Known
from tracker.timeline.value_at import winners

DAYS, MINUTES = st.integers(-2, 100).map(a_day), st.integers(0, 24 * 60 - 1)
TRACKS = [*map(measure_track, MEASURES), *(f"exemption:aid-{name}" for name in MEASURES)]


def at_instant(record: Record, track: str, at: int) -> tuple[str, int] | None:
    """The effect that decides a track at an instant."""
    view = record.at(EVERYTHING, Moment(at))
    number = view.assertions.number(track)
    row = winners(view.assertions, at, EVERYTHING)[number] if number >= 0 else -1
    return None if row < 0 else (view.assertions.announced_in(row), int(view.assertions.effect_number[row]))


def local(day: date, minute: int) -> datetime:
    return datetime.combine(day, time(minute // 60, minute % 60), LOCAL)


@given(log=logs(), day=DAYS, minute=MINUTES)
def test_the_columns_equal_the_oracle_at_any_hour(log: list[Recorded], day: date, minute: int) -> None:
    record, at = fold(log), local(day, minute)
    known = claims(log, a_day(1000), len(log))
    for track in TRACKS:
        covering = [one for one in known if one.track == track and one.covers(day) and one.holds(at)]
        assert at_instant(record, track, instant(at)) == (covering[-1].cited if covering else None)


@given(log=logs(), day=DAYS, minute=MINUTES, part=st.floats(0, 1, exclude_max=True))
def test_law_no_answer_changes_before_the_next_instant(
    log: list[Recorded], day: date, minute: int, part: float
) -> None:
    record = fold(log)
    at = instant(local(day, minute))
    then = record.view.next_change(at)
    assert then > at
    later = at + int((min(then, at + 10**15) - at) * part)
    for track in record.assertions.tracks:
        assert at_instant(record, track, at) == at_instant(record, track, later)


@given(log=logs(), day=DAYS)
def test_a_day_is_as_its_hours_where_they_are_alike(log: list[Recorded], day: date) -> None:
    record, hours = fold(log), [instant(local(day, minute)) for minute in range(0, 24 * 60, 60)]
    view = record.at(EVERYTHING, Moment(hours[-1], day))
    for track in range(view.assertions.track_count):
        row = view.course(track).winner(hours[-1])
        name = view.assertions.tracks[track]
        if row >= 0 and not view.in_part(row) and view.begins(row).latest <= hours[0]:
            expected = view.assertions.announced_in(row), int(view.assertions.effect_number[row])
            assert {at_instant(record, name, at) for at in hours} == {expected}


@given(log=logs(), day=DAYS, position=st.integers(7, 30))
def test_also_of_a_part_of_the_record(log: list[Recorded], day: date, position: int) -> None:
    record, known = fold(log), Known(recorded_by=position)
    at = instant(local(day, 12 * 60))
    for track in TRACKS:
        part = record.about([track])
        assert not (part.expressions and record.expressions) or part.listed_until(at) == record.listed_until(at)
        assert at_instant(part, track, at) == at_instant(record, track, at)
        assert part.over_periods(known).next_change(at) >= record.over_periods(known).next_change(at)


@pytest.mark.parametrize(
    ("text", "season"),
    [("May-Oct", True), ("2024 Jun 01-2024 Jul 15", True), ("Dec 20-Jan 06", True), ("May-Oct Sa", False),
     ("23:00-07:00", False), ("Jun 01 08:00-10:00", False), ("Mo-Fr", False)],
)  # fmt: skip
def test_months_days_and_years_alone_are_a_season(text: str, season: bool) -> None:
    assert is_season(text) is season


def test_tiles_of_a_season_fill_the_period() -> None:
    begin, end, until = (instant(datetime(year, 7, 1, tzinfo=LOCAL)) for year in (2030, 2033, 2032))
    found = list(tiles("May-Oct", LOCAL, Edge(begin, begin), Edge(end, end), until))
    assert [found[0].begins.latest, found[-1].ends.latest] == [begin, end]
    assert all(one.ends == other.begins for one, other in pairwise(found))
    assert [tile.hold for tile in found] == [Hold.WHOLE, Hold.SILENT, Hold.WHOLE, Hold.SILENT, Hold.WHOLE]


def test_a_change_of_the_clocks_is_an_instant_at_which_hours_may_change() -> None:
    """On 26 October 2031 the hour from two to three is there twice."""
    berlin = zone("Europe/Berlin")
    at = instant(datetime(2031, 10, 26, 0, 40, tzinfo=UTC))  # 02:40, for the first time
    shown = []
    for _ in range(4):
        shown.append(hold_at("02:30-02:45", berlin, Moment(at)))
        at = next_change("02:30-02:45", berlin, at) or FOREVER
    assert shown[:3] == [Hold.WHOLE, Hold.SILENT, Hold.SILENT]
    assert at < instant(datetime(2031, 10, 28, tzinfo=timezone(timedelta())))
