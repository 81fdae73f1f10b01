"""Messages to webhooks: CloudEvents 1.0 in JSON, about stored events and changes of status."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from datetime import datetime

from cloudevents.conversion import to_json
from cloudevents.http import CloudEvent

from tracker.model.dates import Instant, moment
from tracker.model.events import Recorded
from tracker.queries.about import about
from tracker.queries.change_answers import Difference
from tracker.queries.clocks import Clocks
from tracker.queries.diff import diff
from tracker.queries.log import LogEntry, log_entry
from tracker.queries.selection import Selection
from tracker.services.records import Tracker
from tracker.settings import Target
from tracker.timeline.knowledge import EVERYTHING, Known
from tracker.webhooks.outbox import Message

MESSAGE_TYPES = {
    "SubjectRegistered": "tracker.subject.registered",
    "SubjectAmended": "tracker.subject.amended",
    "AnnouncementRecorded": "tracker.announcement.recorded",
    "AnnouncementCorrected": "tracker.announcement.corrected",
    "AnnouncementRetracted": "tracker.announcement.retracted",
    "DraftSubmitted": "tracker.draft.submitted",
    "DraftApproved": "tracker.draft.approved",
    "DraftRejected": "tracker.draft.rejected",
    "WriterAdded": "tracker.writer.added",
    "WriterRevoked": "tracker.writer.revoked",
}
STATUS_CHANGED = "tracker.status.changed"


def messages(
    tracker: Tracker, events: Sequence[Recorded], since: tuple[int, Instant], at: Instant, source: str,
    targets: Sequence[Target],
) -> list[Message]:  # fmt: skip
    """The messages about events and changes since a position and an instant, one for each target that wants it."""
    position, then = since
    news = [_stored(tracker, event, source) for event in events]
    before = Clocks(then, Known(EVERYTHING.announced_by, position))
    changes = diff(tracker.record, before, Clocks(at), Selection()).differences
    news += [_changed(tracker, change, at, source) for change in changes]
    return list(_addressed(news, targets))


def _addressed(news: Sequence[tuple[CloudEvent, frozenset[str]]], targets: Sequence[Target]) -> Iterator[Message]:
    for target in targets:
        wanted = frozenset(target.subjects)
        for event, subjects in news:
            if not wanted or wanted & subjects:
                yield Message(target.url, event["id"], event["type"], to_json(event).decode())


def _stored(tracker: Tracker, recorded: Recorded, source: str) -> tuple[CloudEvent, frozenset[str]]:
    entry = log_entry(recorded)
    attributes = {
        "id": f"log-{entry.position}",
        "source": source,
        "type": MESSAGE_TYPES[entry.type],
        "subject": entry.id,
        "time": entry.recorded_at.isoformat(),
    }
    return CloudEvent(attributes, json.loads(entry.model_dump_json())), _about(tracker, entry)


def _about(tracker: Tracker, entry: LogEntry) -> frozenset[str]:
    """The ids of the subjects that a stored event is about."""
    view = tracker.record.view
    content = view.contents.get(entry.id)
    return frozenset({entry.id.rpartition(":")[2]}) | (about(view, content[1]) if content else frozenset())


def _changed(tracker: Tracker, change: Difference, at: Instant, source: str) -> tuple[CloudEvent, frozenset[str]]:
    when: datetime = moment(at, tracker.record.tz)
    data = change.model_dump(mode="json", by_alias=True)
    mark = json.dumps([tracker.record.position, at, data], sort_keys=True).encode()
    attributes = {
        "id": f"status-{hashlib.sha256(mark).hexdigest()[:32]}",
        "source": source,
        "type": STATUS_CHANGED,
        "subject": change.subject,
        "time": when.isoformat(),
    }
    return CloudEvent(attributes, data), frozenset({change.subject})
