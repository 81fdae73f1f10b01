"""Events as bytes: canonical JSON (RFC 8785) with our own type names, never a module's path."""

import json
from typing import Any

import rfc8785
from pydantic import TypeAdapter, ValidationError

from tracker.model.announcement import Correction
from tracker.model.events import AnnouncementCorrected, AnyEvent, DraftSubmitted, Event
from tracker.store.errors import StoreDamaged
from tracker.store.upcasters import UPCASTERS, Plain, Upcasters

_ANY_EVENT: TypeAdapter[AnyEvent] = TypeAdapter(AnyEvent)


class Mapper:
    """Between events and what is stored of them; each stored event carries its schema version."""

    def __init__(self, upcasters: Upcasters = UPCASTERS) -> None:
        self._upcasters = upcasters

    def state(self, event: AnyEvent) -> bytes:
        """What is stored of an event."""
        return rfc8785.dumps({**_plain(event), "schema": self._upcasters.current(event.type)})

    def event(self, state: bytes, position: int) -> AnyEvent:
        """The event, in today's shape.

        Raises: NewerStore, StoreDamaged.
        """
        try:
            return _ANY_EVENT.validate_python(self._upcasters.lifted(json.loads(state)))
        except (ValidationError, ValueError, KeyError, TypeError) as error:
            raise StoreDamaged(f"the event at position {position} cannot be read: {error}") from error


def _plain(event: Event) -> Plain:
    plain: Plain = _without_none(event.model_dump(mode="json", by_alias=True))
    # In a patch None is a statement.
    if isinstance(event, AnnouncementCorrected):
        plain["correction"]["replace"] = event.correction.replace
    elif isinstance(event, DraftSubmitted) and isinstance(event.statement, Correction):
        plain["statement"]["replace"] = event.statement.replace
    return plain


def _without_none(value: Any) -> Any:
    """Nothing else is left out: a default may change, what was stored may not."""
    if isinstance(value, dict):
        return {key: _without_none(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_without_none(item) for item in value]
    return value
