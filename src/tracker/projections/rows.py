"""What each table holds of an announcement or a registry entry. Pure: nothing here knows a database."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from typing import Any, assert_never

from tracker.model.announcement import Announcement, Correction, Relation, Retraction, Source, Speaker
from tracker.model.canonical import canonical_json
from tracker.model.dates import When, instant, moment, render, starts
from tracker.model.effects import AnyEffect
from tracker.model.events import (
    AnnouncementCorrected,
    AnnouncementRecorded,
    AnnouncementRetracted,
    StatementEvent,
)
from tracker.model.registry import Model
from tracker.timeline.assertions import Assertion, assertions_of, value_of
from tracker.timeline.versions import Version

Row = dict[str, Any]


def announcement_rows(history: Sequence[Version], tz: tzinfo) -> Iterator[tuple[str, Row]]:
    """The rows of one announcement in all its versions, each with its table's name."""
    for version in history:
        for table, row in _version_rows(version, tz):
            yield table, {"announcement": version.id, "version": version.number, **row}


def _version_rows(version: Version, tz: tzinfo) -> Iterator[tuple[str, Row]]:
    yield "announcements", _version_row(version, tz)
    for number, span in enumerate(version.spans):
        yield "spans", {"span": number, **span._asdict()}
    for part, said in (("content", version.content), ("statement", version.statement)):
        if said is not None and (part == "content" or not isinstance(said, Announcement)):
            yield from _said_rows(part, said.by, said.source)
    content = version.content
    if content is not None:
        yield from (("relations", _relation_row(*each)) for each in enumerate(content.relation))
        yield from (("effects", effect_row(*each)) for each in enumerate(content.effect))
    numbers = {span: number for number, span in enumerate(version.spans)}
    for number, assertion in enumerate(assertions_of(version, tz)):
        yield "assertions", {"number": number, "span": numbers[assertion.span], **_assertion_row(assertion, tz)}


def _version_row(version: Version, tz: tzinfo) -> Row:
    statement, content = version.statement, version.content
    announced = starts(statement.announced, tz)
    return {
        "kind": _kind(version.statement),
        "statement": statement.id,
        "reason": None if isinstance(statement, Announcement) else statement.reason,
        "announced": _text(statement.announced),
        "announced_earliest": announced.earliest,
        "announced_latest": announced.latest,
        "order_instant": version.order,
        "public_from": version.announced,
        "position": version.position,
        "recorded_at": instant(version.recorded_at),
        "recorded_by": version.recorded_by,
        "digest": version.digest,
        "summary": content.summary if content else None,
        "status": content.status.value if content else None,
        "content": _json(content) if content else None,
        "correction": None if isinstance(statement, Announcement) else _json(statement),
    }


def _text(when: When) -> str:
    return when.isoformat() if isinstance(when, datetime) else when.text


def _kind(statement: Announcement | Correction | Retraction) -> str:
    match statement:
        case Announcement():
            return "recorded"
        case Correction():
            return "corrected"
        case Retraction():
            return "retracted"
        case _:
            assert_never(statement)


def _said_rows(part: str, by: Sequence[Speaker], source: Sequence[Source]) -> Iterator[tuple[str, Row]]:
    for number, speaker in enumerate(by):
        yield "speakers", {"part": part, "number": number, **speaker.model_dump(mode="json")}
    for number, each in enumerate(source):
        yield "sources", {"part": part, "number": number, **each.model_dump(mode="json")}


def _relation_row(number: int, relation: Relation) -> Row:
    return {
        "number": number,
        "type": relation.type.value,
        "other": relation.announcement,
        "note": relation.note,
    }


def effect_row(number: int, effect: AnyEffect) -> Row:
    at: str | Sequence[str] | None = getattr(effect, "at", None)
    return {
        "number": number,
        "type": effect.type,
        "measure": getattr(effect, "measure", None),
        "instrument": getattr(effect, "instrument", None),
        "pledge": getattr(effect, "pledge", None),
        "at": at if at is None or isinstance(at, str) else " ".join(at) or None,
        "basis": effect.basis.value if effect.basis else None,
        "content": _json(effect),
    }


def _assertion_row(assertion: Assertion, tz: tzinfo) -> Row:
    return {
        "track": assertion.track,
        "order_instant": assertion.order,
        "effect": assertion.index,
        "value": value_of(assertion.effect),
        "valid_from": render(assertion.begins, tz),
        "valid_to": render(assertion.ends, tz),
        "valid_from_earliest": assertion.begins.earliest,
        "valid_from_latest": assertion.begins.latest,
        "valid_to_earliest": assertion.ends.earliest,
        "valid_to_latest": assertion.ends.latest,
        **assertion.span._asdict(),
    }


def _json(content: Model) -> str:
    """As canonical JSON, as it stands in the log. None is left out, but for a patch: there it says something."""
    return canonical_json(content).decode()


def event_of(row: Mapping[str, Any]) -> StatementEvent:
    """The event that a row of `announcements` was made from."""
    mark = {
        "recorded_at": moment(row["recorded_at"], UTC),
        "recorded_by": row["recorded_by"],
        "digest": row["digest"],
    }
    match row["kind"]:
        case "recorded":
            return AnnouncementRecorded(announcement=Announcement.model_validate_json(row["content"]), **mark)
        case "corrected":
            return AnnouncementCorrected(correction=Correction.model_validate_json(row["correction"]), **mark)
        case _:
            return AnnouncementRetracted(retraction=Retraction.model_validate_json(row["correction"]), **mark)
