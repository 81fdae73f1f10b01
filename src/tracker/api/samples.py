"""Answers from the record, as examples of each question."""

from collections.abc import Callable
from typing import Any

from tracker.model.errors import TrackerError
from tracker.model.registry import Registry
from tracker.queries.announcements import AnnouncementFilter, announcements, show
from tracker.queries.clocks import Clocks
from tracker.queries.diff import diff
from tracker.queries.geography import features
from tracker.queries.history import history, series
from tracker.queries.log import LogEntry
from tracker.queries.passages import passages
from tracker.queries.promises import promises
from tracker.queries.routes import Journey, opened, routes
from tracker.queries.selection import Selection
from tracker.queries.state import state
from tracker.queries.subjects import subject, subjects
from tracker.queries.why import why
from tracker.services.records import Tracker

DAY, BEFORE, UNCERTAIN = "2025-10-28", "2025-10-20", "2020-12-31"
API = "/api/v1"


def samples(tracker: Tracker) -> dict[str, Any]:
    """An answer for each path that has one; of a record about something else as far as it goes."""
    record = tracker.record
    clocks, earlier = (tracker.clocks(day, None, None) for day in (DAY, BEFORE))
    registry = record.view.registry
    lane = Selection((_first(registry.corridors, "tr-am-az"),))
    kinds = [_first(registry.measures, "az-transit-bar"), _first(registry.instruments, "am-az-peace-agreement")]
    others = [Selection((each,)) for each in kinds if each]
    found: dict[str, Any] = {}
    questions: dict[str, Callable[[], Any]] = {
        "/state": lambda: state(record, clocks, lane),
        "/subjects": lambda: subjects(record, clocks)[:3],
        "/subjects/{subject}": lambda: subject(record, clocks, lane.subjects[0]),
        "/subjects/{subject}/state": lambda: state(record, clocks, lane)[0],
        "/subjects/{subject}/why": lambda: why(record, clocks, lane),
        "/subjects/{subject}/history": lambda: history(record, clocks, lane)[0],
        "/diff": lambda: diff(record, earlier, clocks, Selection()),
        "/series": lambda: series(record, clocks, lane)[:3],
        "/announcements": lambda: announcements(record, clocks, AnnouncementFilter())[-2:],
        "/announcements/{announcement}": lambda: _shown(tracker, clocks),
        "/promises": lambda: promises(record, clocks)[-2:],
        "/passages": lambda: passages(record, clocks)[-2:],
        "/routes": lambda: routes(record, clocks, _journey(registry)),
        "/routes/opened": lambda: opened(record, clocks, _journey(registry)),
        "/map.geojson": lambda: features(record, clocks, lane),
        "others": lambda: [why(record, clocks, each) for each in others] + [state(record, clocks, e) for e in others],
        "/changes": lambda: _entries(tracker),
        "every": lambda: state(record, clocks, Selection()),
        "uncertain": lambda: state(record, tracker.clocks(UNCERTAIN, None, None), Selection()),
    }
    for path, question in questions.items():
        try:
            found[f"{API}{path}"] = question()
        except (TrackerError, IndexError):
            continue
    return found


def _first(table: Any, wanted: str) -> str:
    return wanted if wanted in table else next(iter(table), "")


def _shown(tracker: Tracker, clocks: Clocks) -> Any:
    return show(tracker.record, clocks, _first(tracker.record.announcements, "aliyev-lifts-transit-to-armenia"))


def _entries(tracker: Tracker) -> list[LogEntry]:
    versions = [version for each in tracker.record.announcements.values() for version in each]
    return [
        LogEntry(position=each.position, recorded_at=each.recorded_at, recorded_by=each.recorded_by,
                 type="AnnouncementRecorded", id=each.statement.id, digest=each.digest)
        for each in versions[-2:]
    ]  # fmt: skip


def _journey(registry: Registry) -> Journey:
    found = list(registry.territories)
    return Journey("RU", "AM", goods="1001") if {"RU", "AM"} <= set(found) else Journey(found[0], found[-1])
