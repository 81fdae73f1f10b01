"""Rows of the registry's table: of many subjects at the same time, without a model of each where nothing is odd."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from operator import attrgetter
from typing import Any, NamedTuple

import msgspec

from tracker.model.canonical import canonical_json
from tracker.model.dates import FOREVER, instant
from tracker.model.events import SubjectEvent
from tracker.model.registry import SUBJECTS, Measure
from tracker.model.vocabulary import SubjectKind
from tracker.projections import shapes
from tracker.store.database import Stored

AMENDED = "SubjectAmended"
TYPES = ("SubjectRegistered", AMENDED)


class Row(NamedTuple):
    """An entry, as it stands from a position on."""

    position: int
    kind: str
    id: str
    name: str
    places: str | None  # of a measure: where its scope is, separated by spaces
    recorded_from: int
    recorded_to: int
    recorded_at: int
    recorded_by: str | None
    digest: str
    content: str


def rows_of(events: Sequence[Stored], schemas: Mapping[str, int]) -> list[Row] | None:
    """A row for each, in the order of the columns; None if any of them is not as it is stored today."""
    try:
        read = shapes.read_subjects([stored.state for stored in events])
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    if any(state.schema != schemas[state.type] for state, _ in read):
        return None
    return [_row(stored.position, *each) for stored, each in zip(events, read, strict=True)]


def row_of(position: int, event: SubjectEvent) -> Row:
    """The same of one, in the general way."""
    subject = event.subject
    return Row(
        position, subject.type.value, subject.id, getattr(subject, "name", None) or subject.id,
        " ".join(subject.scope.at) if isinstance(subject, Measure) else None, position, FOREVER,
        instant(event.recorded_at), event.recorded_by, event.digest, canonical_json(subject).decode(),
    )  # fmt: skip


def _row(position: int, state: shapes.SubjectState, subject: Any) -> Row:
    kind = type(subject).__struct_config__.tag
    places = " ".join(subject.scope.at) if kind == SubjectKind.MEASURE else None
    return Row(
        position, kind, subject.id, _NAME_OF[kind](subject) or subject.id, places, position, FOREVER,
        _instant(state.recorded_at), state.recorded_by, state.digest, bytes(state.subject).decode(),
    )  # fmt: skip


@lru_cache(maxsize=256)
def _instant(text: str) -> int:
    return instant(datetime.fromisoformat(text))


def _name_of(model: Any) -> Callable[[Any], str | None]:
    """How a model makes its name, to be done with anything that has the same fields."""
    own = vars(model).get("name")
    return own.fget if isinstance(own, property) and own.fget else attrgetter("name")


_NAME_OF = {kind: _name_of(model) for kind, model in SUBJECTS.items()}
