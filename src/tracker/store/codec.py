"""Events as bytes: canonical JSON (RFC 8785) with our own type names, never a module's path.

Stored events never change. When a class of `model.events` changes shape, an upcaster is registered here: a function on
the plain JSON of one type of event, from one schema version to the next.
"""

import json
from collections import Counter
from collections.abc import Callable
from typing import Any

from pydantic import TypeAdapter, ValidationError

from tracker.model.canonical import canonical_json
from tracker.model.errors import NewerStore
from tracker.model.events import AnyEvent
from tracker.model.former import statement_today
from tracker.store.errors import StoreDamaged

StoredJson = dict[str, Any]
Upcaster = Callable[[StoredJson], StoredJson]

FIRST_SCHEMA = 1  # the schema version in which every type of event began

_ANY_EVENT: TypeAdapter[AnyEvent] = TypeAdapter(AnyEvent)


class Upcasters:
    """The steps from each schema version of each type of event to the next."""

    def __init__(self) -> None:
        self._steps: dict[tuple[str, int], Upcaster] = {}
        self._count: Counter[str] = Counter()

    def register(self, name: str, version: int) -> Callable[[Upcaster], Upcaster]:
        """Decorate the step of one type from a version to the next; steps are registered in order."""
        if version != self.current(name):
            raise ValueError(f"the next step of {name} is from version {self.current(name)}, not {version}")

        def put(step: Upcaster) -> Upcaster:
            self._steps[name, version] = step
            self._count[name] += 1
            return step

        return put

    def current(self, name: str) -> int:
        """The schema version in which events of this type are stored today."""
        return FIRST_SCHEMA + self._count[name]

    def lifted(self, plain: StoredJson) -> StoredJson:
        """A stored event in today's shape, without its schema version.

        Raises: NewerStore, if it was stored in a version that is not known here.
        """
        name, version = plain["type"], plain.pop("schema")
        if version > self.current(name):
            raise NewerStore(
                f"the store holds {name} in schema {version}, this tracker knows up to {self.current(name)}: "
                "upgrade the tracker"
            )
        for step in range(version, self.current(name)):
            plain = self._steps[name, step](plain)
        return plain


UPCASTERS = Upcasters()


def _in_todays_words(member: str) -> Upcaster:
    """The step to the words of 2026: `exempt` for `ease`, `conditions` for `limits`, `amount` for `score`."""
    return lambda plain: {**plain, member: statement_today(plain[member])}


for _type, _member in (
    ("AnnouncementRecorded", "announcement"),
    ("AnnouncementCorrected", "correction"),
    ("DraftSubmitted", "statement"),
):
    UPCASTERS.register(_type, FIRST_SCHEMA)(_in_todays_words(_member))


class Mapper:
    """Translates events to stored bytes and back; each stored event carries its schema version."""

    def __init__(self, upcasters: Upcasters = UPCASTERS) -> None:
        self.upcasters = upcasters

    def state(self, event: AnyEvent) -> bytes:
        """The stored bytes of an event."""
        members = {name: value for name, value in event if value is not None}
        return canonical_json({**members, "schema": self.upcasters.current(event.type)})

    def event(self, state: bytes, position: int) -> AnyEvent:
        """The event of stored bytes, in today's shape.

        Raises: NewerStore, StoreDamaged.
        """
        try:
            return _ANY_EVENT.validate_python(self.upcasters.lifted(json.loads(state)))
        except (ValidationError, ValueError, KeyError, TypeError) as error:
            raise StoreDamaged(f"the event at position {position} cannot be read: {error}") from error
