"""The registry's table: rows of many subjects at the same time, without a model of each where nothing is odd."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from operator import attrgetter
from typing import Any

import msgspec
from sqlalchemy import bindparam, update
from sqlalchemy.engine import Connection

from tracker.model.dates import FOREVER, instant
from tracker.model.events import SubjectEvent
from tracker.model.registry import SUBJECTS
from tracker.model.vocabulary import SubjectKind
from tracker.read_model import shapes
from tracker.read_model.database import put_rows
from tracker.read_model.rows import registry_row
from tracker.read_model.source import EventSource
from tracker.read_model.tables import LIVE
from tracker.store.log import Stored

AMENDED = "SubjectAmended"
TYPES = ("SubjectRegistered", AMENDED)

_TABLE = LIVE.tables["registry"]
_NAMES = tuple(_TABLE.c.keys())
_ENDS = _NAMES.index("recorded_to")
_KEY = slice(_NAMES.index("kind"), _NAMES.index("id") + 1)


def take(connection: Connection, source: EventSource, batch: Sequence[Stored]) -> None:
    """Put subjects that were registered or amended into the table, and say until when what they amend stood.

    Raises: StoreDamaged, NewerStore.
    """
    if not batch:
        return
    amending = {stored.position for stored in batch if stored.type == AMENDED}
    rows: list[tuple[Any, ...]] = []
    standing: dict[tuple[str, str], int] = {}
    superseded: list[dict[str, object]] = []
    for row in _rows(source, batch):
        position, key = row[0], row[_KEY]
        if key in standing:
            earlier = rows[standing[key]]
            rows[standing[key]] = (*earlier[:_ENDS], position, *earlier[_ENDS + 1 :])
        elif position in amending:
            superseded.append({"of_kind": key[0], "of_id": key[1], "until": position})
        standing[key] = len(rows)
        rows.append(row)
    if superseded:
        same = (_TABLE.c.kind == bindparam("of_kind")) & (_TABLE.c.id == bindparam("of_id"))
        entry = same & (_TABLE.c.recorded_to == FOREVER)
        connection.execute(update(_TABLE).where(entry).values(recorded_to=bindparam("until")), superseded)
    put_rows(connection, _TABLE, rows)


def _rows(source: EventSource, batch: Sequence[Stored]) -> Iterator[tuple[Any, ...]]:
    try:
        read = shapes.read_subjects([stored.state for stored in batch])
    except (msgspec.DecodeError, UnicodeDecodeError):
        read = []
    if any(state.schema != source.schema(state.type) for state, _ in read) or not read:
        yield from (_general(source, stored) for stored in batch)
        return
    for stored, (state, subject) in zip(batch, read, strict=True):
        kind = type(subject).__struct_config__.tag
        places = " ".join(subject.scope.at) if kind == SubjectKind.MEASURE else None
        yield (
            stored.position, kind, subject.id, _NAME_OF[kind](subject) or subject.id, places, stored.position, FOREVER,
            _instant(state.recorded_at), state.recorded_by, state.digest, bytes(state.subject).decode(),
        )  # fmt: skip


def _general(source: EventSource, stored: Stored) -> tuple[Any, ...]:
    position, event = source.decoded(stored)
    assert isinstance(event, SubjectEvent)
    row = registry_row(position, event)
    return tuple(row[name] for name in _NAMES)


@lru_cache(maxsize=256)
def _instant(text: str) -> int:
    return instant(datetime.fromisoformat(text))


def _name_of(model: Any) -> Callable[[Any], str | None]:
    """How a model makes its name, to be done with anything that has the same fields."""
    own = vars(model).get("name")
    return own.fget if isinstance(own, property) and own.fget else attrgetter("name")


_NAME_OF = {kind: _name_of(model) for kind, model in SUBJECTS.items()}
