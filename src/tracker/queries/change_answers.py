"""The shapes of answers about changes. They are the JSON contract: see docs/json.md."""

from tracker.model.vocabulary import Mode, SubjectKind, Traffic
from tracker.queries.answer import Answer
from tracker.queries.answers import Asked


class Change(Answer):
    """From when on something was so, and the announcements that made it so."""

    at: str | None  # null: since before the record begins
    until: str | None
    status: str  # of a lane; the state of a measure; the stage of a text
    reason: str
    announcements: tuple[str, ...]


class LaneChanges(Answer):
    mode: Mode
    traffic: Traffic
    direction: str
    changes: tuple[Change, ...]


class HistoryAnswer(Answer):
    """Every change of a subject's status; of its lanes where it has some."""

    subject: str
    kind: SubjectKind
    name: str
    announced_by: str | None
    recorded_by: str | None
    lanes: tuple[LaneChanges, ...] = ()
    changes: tuple[Change, ...] = ()


class Difference(Answer):
    """What was one thing at the first clocks and is another at the second."""

    subject: str
    kind: SubjectKind
    name: str
    mode: Mode | None
    traffic: Traffic | None
    direction: str | None
    before: str
    after: str
    reason_before: str
    reason_after: str


class DiffAnswer(Answer):
    before: Asked
    after: Asked
    differences: tuple[Difference, ...]


class Event(Answer):
    """One change in a replay."""

    at: str
    subject: str
    kind: SubjectKind
    mode: Mode | None
    traffic: Traffic | None
    direction: str | None
    before: str | None
    after: str
    reason: str
    announcements: tuple[str, ...]


class Frame(Answer):
    """All that changed at one step of a replay."""

    at: str
    events: tuple[Event, ...]
