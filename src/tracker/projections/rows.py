"""Rows of the tables of registry entries and announcements, from stored events. Pure: nothing here knows a database.

Contents may be structs (see `tracker.timeline.statements`) or models: both have the same fields.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from operator import attrgetter
from typing import Any, Literal, NamedTuple, assert_never

import msgspec

from tracker.model.announcement import Announcement, Correction, Retraction, title_of
from tracker.model.canonical import canonical_json
from tracker.model.dataset import entry_id
from tracker.model.dates import FOREVER, Instant, instant
from tracker.model.events import AnnouncementRecorded, Event
from tracker.model.registry import SUBJECTS, AnySubject
from tracker.model.vocabulary import SubjectKind
from tracker.store.codec import UPCASTERS, Upcasters
from tracker.store.database import Stored
from tracker.store.errors import StoreDamaged
from tracker.timeline.statements import Content, array_reader, struct_of, type_of
from tracker.timeline.versions import Version

RECORDED = "AnnouncementRecorded"
CHANGED = ("AnnouncementCorrected", "AnnouncementRetracted")
AMENDED = "SubjectAmended"
REGISTERED = ("SubjectRegistered", AMENDED)
EVENTS_PER_DECODING = 128  # their structs fit in the processor's cache: larger parts take twice the time

Read = Callable[[Sequence[bytes | msgspec.Raw]], list[Any]]
Text = str | None


class RegistryRow(NamedTuple):
    """An entry of the registry, as it stands from a position on."""

    position: int
    kind: str
    id: str
    name: str
    places: str | None  # of a measure: where its scope is, separated by spaces
    recorded_from: int
    recorded_to: int
    recorded_at: Instant
    recorded_by: str | None
    digest: str
    content: str


class AnnouncementRow(NamedTuple):
    """An announcement in the version that counts, as `v_announcement` shows it."""

    recorded_position: int  # of its first version
    id: str
    announced: Instant
    parties: str | None
    speakers: str | None
    title: str | None  # None: retracted; so are summary, verification and all lists
    summary: str | None
    verification: str | None
    effects: str | None
    publishers: str | None
    urls: str | None
    version: int
    version_kind: str  # recorded, corrected or retracted
    retracted: bool
    position: int
    recorded_at: Instant
    recorded_by: str | None
    digest: str


# Events as they are stored, with the schema that they were stored in.
SubjectState: Any = msgspec.defstruct(
    "SubjectState",
    [("subject", msgspec.Raw), ("type", Literal[REGISTERED]), ("schema", int)],
    bases=(struct_of(Event),), kw_only=True, forbid_unknown_fields=True, gc=False,
)  # fmt: skip
AnnouncementState: Any = msgspec.defstruct(
    "AnnouncementState", [("schema", int)], bases=(struct_of(AnnouncementRecorded),), kw_only=True, gc=False
)
_subject_states, _announcement_states = array_reader(SubjectState), array_reader(AnnouncementState)
_subjects = array_reader(type_of(AnySubject))


def recorded_states(events: Sequence[Stored], upcasters: Upcasters = UPCASTERS) -> Iterable[tuple[int, Any]]:
    """The positions of `AnnouncementRecorded` events, with an `AnnouncementState` of each.

    Raises: StoreDamaged, NewerStore.
    """
    return _states(events, _announcement_states, upcasters)


def _states(events: Sequence[Stored], read: Read, upcasters: Upcasters) -> Iterator[tuple[int, Any]]:
    schemas = {kind: upcasters.current(kind) for kind in {stored.type for stored in events}}
    for start in range(0, len(events), EVENTS_PER_DECODING):
        part = events[start : start + EVENTS_PER_DECODING]
        try:
            states = read([stored.state for stored in part])
        except (msgspec.DecodeError, UnicodeDecodeError):
            states = []
        if len(states) != len(part) or any(state.schema != schemas[state.type] for state in states):
            states = [_lifted(stored, read, upcasters) for stored in part]
        for stored, state in zip(part, states, strict=True):
            yield stored.position, state


def _lifted(stored: Stored, read: Read, upcasters: Upcasters) -> Any:
    """An event that may be stored in an older schema, in today's shape.

    Raises: StoreDamaged, NewerStore.
    """
    try:
        plain = upcasters.lifted(json.loads(stored.state))
        return read([canonical_json({**plain, "schema": upcasters.current(stored.type)})])[0]
    except (ValueError, KeyError, TypeError) as error:  # msgspec's are of the first kind
        raise StoreDamaged(f"the event at position {stored.position} cannot be read: {error}") from error


def registry_rows(events: Sequence[Stored], upcasters: Upcasters = UPCASTERS) -> list[RegistryRow]:
    """A row for each entry that some of these events make.

    Raises: StoreDamaged, NewerStore.
    """
    entries = [stored for stored in events if stored.type in REGISTERED]
    states = list(_states(entries, _subject_states, upcasters))
    try:
        subjects = _subjects([state.subject for _, state in states])
    except (msgspec.DecodeError, UnicodeDecodeError):
        subjects = [_subject(*state) for state in states]
    return [_registry_row(*state, subject) for state, subject in zip(states, subjects, strict=True)]


def _subject(position: int, state: Any) -> Any:
    try:
        return _subjects([state.subject])[0]
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise StoreDamaged(f"the event at position {position} cannot be read: {error}") from error


def _registry_row(position: int, state: Any, subject: Any) -> RegistryRow:
    kind = subject.type
    places = " ".join(subject.scope.at) if kind == SubjectKind.MEASURE else None
    return RegistryRow(
        position, kind, entry_id(kind, subject.id), _NAME_OF[kind](subject) or subject.id, places, position, FOREVER,
        _instant(state.recorded_at), state.recorded_by, state.digest, bytes(state.subject).decode(),
    )  # fmt: skip


def _name_of(model: Any) -> Callable[[Any], str | None]:
    """How a model makes its name, to be done with anything that has the same fields."""
    own = vars(model).get("name")
    return own.fget if isinstance(own, property) and own.fget else attrgetter("name")


_NAME_OF = {kind: _name_of(model) for kind, model in SUBJECTS.items()}


def recorded_row(position: int, state: Any, order: Instant) -> AnnouncementRow:
    """The row of an announcement that stands as it was recorded.

    Args: state: an `AnnouncementState`; order: when it was announced, see `Version.order`.
    """
    content = state.announcement
    return AnnouncementRow(
        position, content.id, order, *_cited(content), 0, "recorded", False,
        position, _instant(state.recorded_at), state.recorded_by, state.digest,
    )  # fmt: skip


def version_row(recorded_position: int, version: Version) -> AnnouncementRow:
    """The row of an announcement in one of its versions."""
    content = version.content
    return AnnouncementRow(
        recorded_position, version.id, version.order, *(_cited(content) if content else _NOTHING),
        version.number, _kind(version), content is None,
        version.position, instant(version.recorded_at), version.recorded_by, version.digest,
    )  # fmt: skip


_NOTHING = (None, None, None, None, None, None, None, None)


def _cited(content: Content) -> tuple[Text, Text, Text, Text, Text, Text, Text, Text]:
    """Parties, speakers, title, summary, verification, types of effects, publishers and addresses."""
    return (
        _joined([speaker.party for speaker in content.by]),
        _joined([speaker.name or speaker.party for speaker in content.by]),
        title_of(content),
        content.summary,
        str(content.status),
        _joined([effect.type for effect in content.effect]),
        _joined([source.publisher for source in content.source]),
        _joined([source.url for source in content.source if source.url is not None]),
    )


def _joined(texts: Sequence[str]) -> Text:
    return " | ".join(texts) or None


def _kind(version: Version) -> str:
    match version.statement:
        case Announcement():
            return "recorded"
        case Correction():
            return "corrected"
        case Retraction():
            return "retracted"
        case _:
            assert_never(version.statement)


@lru_cache(maxsize=256)
def _instant(text: str) -> Instant:
    return instant(datetime.fromisoformat(text))
