"""The history, the replay and the series of the real record have equal changes."""

from tracker.model.dates import BEGINNING
from tracker.queries.change_answers import ChangeAnswer
from tracker.queries.changes import replay, series
from tracker.queries.clocks import Clocks, read_begin
from tracker.queries.history import history
from tracker.queries.selection import Selection
from tracker.state.record import Record

Key = tuple[str, str | None, str | None, str | None]


def changes(record: Record, clocks: Clocks, *, status_only: bool = False) -> dict[Key, tuple[ChangeAnswer, ...]]:
    by_key: dict[Key, tuple[ChangeAnswer, ...]] = {}
    for answer in history(record, clocks, Selection(), status_only=status_only):
        by_key |= {(answer.subject, lane.mode, lane.traffic, lane.direction): lane.changes for lane in answer.lanes}
        if answer.changes:
            by_key[answer.subject, None, None, None] = answer.changes
    return by_key


def test_a_replay_has_every_change_of_the_history_once(record: Record, clocks: Clocks) -> None:
    frames = replay(record, clocks, BEGINNING, clocks.as_of, Selection(), by_day=False)
    events = [event for frame in frames for event in frame.events]
    expected = [
        (key, change.at, change.status)
        for key, all_changes in changes(record, clocks).items()
        for change in all_changes
        if change.at is not None and change.at[:10].strip("[") <= "2025-11-10"
    ]
    actual = [((event.subject, event.mode, event.traffic, event.direction), event.at, event.after) for event in events]
    assert sorted(actual, key=str) == sorted(expected, key=str)


def test_a_series_begins_with_the_status_held_and_has_every_later_change(record: Record, clocks: Clocks) -> None:
    begin = read_begin("from", "2020-01-01", record.tz)
    points = series(record, clocks, Selection(("margara",)), begin)
    first = [point for point in points if point.time.startswith("2020-01-01T00:00")]
    lanes = {(point.mode, point.traffic, point.direction) for point in points}
    assert len(first) == len(lanes) == 4
    assert [point.time for point in points] == sorted(point.time for point in points)
    for (subject, *lane), all_changes in changes(record, clocks, status_only=True).items():
        if subject == "margara":
            statuses = [point.status for point in points if [point.mode, point.traffic, point.direction] == lane]
            later = [change for change in all_changes if change.at is not None and "2020" < change.at < "2025-11-11"]
            assert statuses[1:] == [change.status for change in later]
