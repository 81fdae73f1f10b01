"""An announcement: who said what, where it was published, and what it changes.

The classes are also the schema of a file in `events/<year>/`.
"""

import unicodedata
from datetime import date, datetime, tzinfo
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, model_validator

from tracker.model.dates import DayField, Instant, WhenField, starts
from tracker.model.effects import AnyEffect
from tracker.model.registry import (
    Id,
    Model,
    PartyId,
)
from tracker.model.text import Line, Prose, visible
from tracker.model.vocabulary import (
    RelationType,
    SourceKind,
    Verification,
)

AnnouncementId = Id
MAX_TITLE_CHARS = 100


def _web(url: str) -> str:
    if not url.startswith(("http://", "https://")):
        raise ValueError("is not a web address: write http://… or https://…")
    return visible(url)


Url = Annotated[str, StringConstraints(max_length=2000, pattern=r"^[!-~\u00a1-\U0010ffff]+$"), AfterValidator(_web)]


class Speaker(Model):
    """Who said it: not where it was published."""

    party: PartyId
    name: Line | None = None
    office: Line | None = None


class Source(Model):
    """Where it was published: a citation, never the text."""

    publisher: Line
    title: Line | None = None  # absent: the headline was not seen
    published: DayField | None = None
    url: Url | None = None
    archived_url: Url | None = None
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")] | None = None
    accessed: DayField | None = None
    quote: Annotated[Line, StringConstraints(max_length=300)] | None = None
    note: Prose | None = None
    kind: SourceKind | None = None


class Relation(Model):
    """How this announcement stands to an earlier or later one."""

    type: RelationType
    announcement: AnnouncementId
    note: Prose | None = None


class Announcement(Model):
    """One statement on the record; with no effects, one that changes nothing."""

    id: AnnouncementId
    announced: WhenField
    title: Annotated[Line, StringConstraints(max_length=MAX_TITLE_CHARS)] | None = None  # None: the summary's beginning
    summary: Prose  # in the coder's own words
    status: Verification = Verification.VERIFIED
    covers: tuple[Id, ...] = ()  # the items of the coder's work list that this file settles
    note: Prose | None = None
    by: tuple[Speaker, ...] = Field(min_length=1)
    source: tuple[Source, ...] = ()
    effect: tuple[AnyEffect, ...] = ()
    relation: tuple[Relation, ...] = ()
    about: tuple[Id, ...] = ()  # what it concerns beyond its effects: places, measures, instruments, parties


def _json(value: Any) -> Any:
    """Dates of a file as JSON has them, so that a patch is the same from a file and from the store."""
    if isinstance(value, dict):
        return {unicodedata.normalize("NFC", str(key)): _json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_json(item) for item in value]
    if isinstance(value, datetime) and value.tzinfo is None:
        raise ValueError(f"{value.isoformat()} lacks its offset: write e.g. {value.isoformat()}+04:00")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value)
    if value is None or isinstance(value, int | float | bool):
        return value
    raise ValueError(f"{value!r} cannot stand in a correction")


Patch = Annotated[dict[str, Any], BeforeValidator(_json)]  # a merge patch, RFC 7396


class Correction(Model):
    """A later announcement that supersedes the content of an earlier one, which keeps its place."""

    id: AnnouncementId
    corrects: AnnouncementId
    announced: WhenField
    reason: Prose
    by: tuple[Speaker, ...] = ()
    source: tuple[Source, ...] = ()
    replace: Patch = Field(default_factory=dict)
    remove: tuple[Line, ...] = ()  # keys to take out: TOML has no null

    @model_validator(mode="after")
    def _changes_something(self) -> "Correction":
        if not self.replace and not self.remove:
            raise ValueError("changes nothing: add a [replace] table with the corrected keys, or `remove`")
        return self

    @property
    def patch(self) -> dict[str, Any]:
        """The merge patch of RFC 7396 that this correction stands for."""
        return {**self.replace, **dict.fromkeys(self.remove)}


class Retraction(Model):
    """A later announcement that takes the effects of an earlier one away."""

    id: AnnouncementId
    retracts: AnnouncementId
    announced: WhenField
    reason: Prose
    by: tuple[Speaker, ...] = ()
    source: tuple[Source, ...] = ()


Statement = Announcement | Correction | Retraction


def announced_at(statement: Statement, tz: tzinfo) -> Instant:
    """When a statement takes its place in the order: the start of the latest day on which it may have been made."""
    return starts(statement.announced, tz).latest


def merge_patch(target: Any, patch: Any) -> Any:
    """The target with a patch applied. Source: RFC 7396, section 2."""
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merge_patch(result.get(key), value)
    return result
