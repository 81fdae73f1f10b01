"""What is planned as rows and leaves, sooner than by way of an event: bytes around the JSON of the content.

A stamp makes what `Mapper.state` and `leaf_of` make of each event.
"""

from datetime import datetime
from typing import NamedTuple

from tracker.model.canonical import canonical_json
from tracker.model.dates import instant
from tracker.model.events import Event
from tracker.store.database import Row
from tracker.store.leaves import IN_FRONT, object_of
from tracker.store.load_plan import Entry
from tracker.store.upcasters import Upcasters

CONTENT = {  # in which member of an event its content is
    "SubjectRegistered": "subject",
    "SubjectAmended": "subject",
    "AnnouncementRecorded": "announcement",
    "AnnouncementCorrected": "correction",
    "AnnouncementRetracted": "retraction",
}


class _Frame(NamedTuple):
    """What stands around the content of an event of one type, with marks where its own parts go."""

    state: bytes
    leaf: bytes


class Stamp:
    """What events that are stored together have in common."""

    def __init__(self, upcasters: Upcasters, at: datetime, by: str | None) -> None:
        """Raises: ValidationError, if `by` is no name."""
        self._upcasters = upcasters
        self._recorded_at = instant(at)
        common = Event(recorded_at=at, recorded_by=by, digest="")
        self._common = {name: value for name, value in common if value is not None}
        self._frames: dict[str, _Frame] = {}

    def row(self, entry: Entry) -> Row:
        """The event as it is stored."""
        wanted = entry.wanted
        parts = {b"content": wanted.json, b"digest": wanted.digest.encode()}
        state = self._frame(entry.type).state % parts
        return Row(wanted.stream, entry.number, entry.type, state, wanted.statement, wanted.digest, self._recorded_at)

    def leaf(self, position: int, entry: Entry) -> bytes:
        """Its leaf in the Merkle log."""
        parts = {b"content": entry.wanted.json, b"digest": entry.wanted.digest.encode(), b"position": position}
        return self._frame(entry.type).leaf % parts

    def _frame(self, name: str) -> _Frame:
        if name not in self._frames:
            self._frames[name] = self._framed(name)
        return self._frames[name]

    def _framed(self, name: str) -> _Frame:
        said = {**self._common, "type": name, "schema": self._upcasters.current(name)}
        members = {key: canonical_json(value).replace(b"%", b"%%").decode() for key, value in said.items()}
        members |= {"digest": '"%(digest)b"', CONTENT[name]: "%(content)b"}
        inside = {key: value for key, value in members.items() if key not in IN_FRONT}
        outside = {key: members[key] for key in IN_FRONT} | {"content": _object(inside), "position": "%(position)d"}
        return _Frame(_object(members).encode(), _object(outside).encode())


def _object(members: dict[str, str]) -> str:
    return object_of(sorted((f'"{key}"', value) for key, value in members.items()))
