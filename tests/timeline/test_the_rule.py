"""The rule of time: the columns agree with design §5 read literally."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from tests.timeline.histories import FIRST, LOCAL, MEASURES, a_day, log_of, logs, statements
from tests.timeline.oracle import claims
from tracker.model.announcement import Announcement, Statement
from tracker.model.dates import close_of
from tracker.model.events import Recorded
from tracker.state.fold import fold
from tracker.state.record import Record
from tracker.timeline.assertions import PENDING, measure_track
from tracker.timeline.knowledge import EVERYTHING, Known
from tracker.timeline.value_at import Reading, ended, winners

CLOCK = st.integers(-2, 100).map(a_day)


def value(record: Record, track: str, day: date, known: Known) -> tuple[tuple[str, int], str] | None:
    """The effect that decides a track at the close of a day, and of which type it is there."""
    number = record.assertions.number(track)
    row = winners(record.assertions, close_of(day, LOCAL), known)[number] if number >= 0 else -1
    if row < 0:
        return None
    assertion = record.assertions.row(row)
    return (assertion.announcement, assertion.index), assertion.effect.type


@given(log=logs(), day=CLOCK, announced_by=CLOCK, data=st.data())
def test_the_columns_equal_the_oracle_on_all_three_clocks(
    log: list[Recorded], day: date, announced_by: date, data: st.DataObject
) -> None:
    recorded_by = data.draw(st.integers(0, len(log) + 1))
    record = fold(log)
    known = claims(log, announced_by, recorded_by)
    assert not any(track.startswith(PENDING) for track in record.assertions.tracks)
    for track in {*record.assertions.tracks, *(claim.track for claim in known)}:
        expected = next((claim for claim in reversed(known) if claim.track == track and claim.covers(day)), None)
        found = value(record, track, day, Known(close_of(announced_by, LOCAL), recorded_by))
        assert found == (expected and (expected.cited, expected.kind))


@given(log=logs(), announced_by=CLOCK, data=st.data())
def test_at_most_one_version_of_an_announcement_is_known_anywhere(
    log: list[Recorded], announced_by: date, data: st.DataObject
) -> None:
    known = Known(close_of(announced_by, LOCAL), data.draw(st.integers(0, len(log) + 1)))
    for history in fold(log).announcements.values():
        assert sum(version.known(known) for version in history) <= 1
        for version in history:
            assert sum(span.holds(known) for span in version.spans) <= 1


@given(said=statements(), day=CLOCK, announced_by=CLOCK, data=st.data())
def test_recording_order_does_not_change_the_state(
    said: list[Statement], day: date, announced_by: date, data: st.DataObject
) -> None:
    originals = [each for each in said if isinstance(each, Announcement)]
    shuffled = data.draw(st.permutations(originals)) + data.draw(
        st.permutations([each for each in said if not isinstance(each, Announcement)])
    )
    known = Known(close_of(announced_by, LOCAL))
    one, other = fold(log_of(said)), fold(log_of(shuffled))
    for track in {*one.assertions.tracks, *other.assertions.tracks}:
        assert value(one, track, day, known) == value(other, track, day, known)


@given(log=logs(), day=CLOCK)
def test_a_lapsed_track_has_something_that_ended_and_nothing_that_covers(log: list[Recorded], day: date) -> None:
    record = fold(log)
    at = close_of(day, LOCAL)
    last = ended(record.assertions, at, EVERYTHING)
    for measure in MEASURES:
        track = record.assertions.number(measure_track(measure))
        over = [
            claim.ends[1]
            for claim in claims(log, a_day(1000), len(log))
            if claim.track == measure_track(measure)
            and claim.begins is not None
            and claim.ends is not None
            and claim.ends[1] < day
        ]
        assert (track >= 0 and last[track] >= 0) == bool(over)
        if over:
            assert record.assertions.ends_latest[last[track]] == close_of(max(over), LOCAL) + 1


@given(log=logs(), day=CLOCK)
def test_what_is_certain_is_possible_and_the_late_reading_lies_between(log: list[Recorded], day: date) -> None:
    record, at = fold(log), close_of(day, LOCAL)
    certain, late, possible = (
        winners(record.assertions, at, EVERYTHING, reading)
        for reading in (Reading.CERTAIN, Reading.LATE, Reading.POSSIBLE)
    )
    assert (certain <= late).all()
    assert (late <= possible).all()


def test_the_fictional_record_begins_where_it_says() -> None:
    assert a_day(0) == FIRST
