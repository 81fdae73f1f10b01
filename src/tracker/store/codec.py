"""Events as bytes: canonical JSON (RFC 8785) with our own type names, never a module's path."""

import json

from pydantic import TypeAdapter, ValidationError

from tracker.model.canonical import canonical_json
from tracker.model.events import AnyEvent
from tracker.store.errors import StoreDamaged
from tracker.store.upcasters import UPCASTERS, Upcasters

_ANY_EVENT: TypeAdapter[AnyEvent] = TypeAdapter(AnyEvent)


class Mapper:
    """Between events and what is stored of them; each stored event carries its schema version."""

    def __init__(self, upcasters: Upcasters = UPCASTERS) -> None:
        self.upcasters = upcasters

    def state(self, event: AnyEvent) -> bytes:
        """What is stored of an event."""
        members = {name: value for name, value in event if value is not None}
        return canonical_json({**members, "schema": self.upcasters.current(event.type)})

    def event(self, state: bytes, position: int) -> AnyEvent:
        """The event, in today's shape.

        Raises: NewerStore, StoreDamaged.
        """
        try:
            return _ANY_EVENT.validate_python(self.upcasters.lifted(json.loads(state)))
        except (ValidationError, ValueError, KeyError, TypeError) as error:
            raise StoreDamaged(f"the event at position {position} cannot be read: {error}") from error
